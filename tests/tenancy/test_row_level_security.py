"""Every table of the database, as its catalogue lists them, shows a reader one organization's rows and no other's."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import asyncpg
import pytest

from consign.adapters.postgres.projection_tables import ensure_tables, quoted
from consign.projections.registry import PROJECTIONS
from tests.support.cluster import Database

type Connection = asyncpg.Connection[asyncpg.Record]

ORGANIZATIONS = ("acme", "other")
OTHER_ROLES = ("consign_owner", "consign_writer", "consign_projector")
POLICY = "(organization_id = consign.current_organization())"
VALUES: Mapping[str, Any] = {
    "text": "x",
    "bigint": 1,
    "integer": 1,
    "smallint": 1,
    "boolean": True,
    "bytea": bytes(32),
    "timestamp with time zone": datetime(2026, 3, 1, tzinfo=UTC),
}
"""What stands in a column of each type; a uuid is a new one each time."""
MUST_BE: Mapping[str, Mapping[str, Any]] = {
    "projection": {"status": "running"},
    "subject_keys": {"wrapped_key": bytes(60)},
}
"""What the checks of a table ask for beyond a value of the right type. A new table may need a line here."""


class TableOfOrganizations(NamedTuple):
    schema: str
    name: str

    @property
    def qualified(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"


@pytest.fixture
async def administrator(database: Database) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(database.url)
    yield connection
    await connection.close()


@pytest.fixture
async def read_models(administrator: Connection) -> None:
    """The tables of both fillings of each read model."""
    await ensure_tables(administrator, PROJECTIONS, builds=(0, 1))


@pytest.fixture
async def reader(database: Database) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(database.reader_url)
    yield connection
    await connection.close()


async def tables_of_organizations(administrator: Connection) -> list[TableOfOrganizations]:
    """List the tables whose rows are an organization's, in the schema where the business lives."""
    rows = await administrator.fetch("""
        SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p') AND n.nspname = 'consign' ORDER BY c.relname""")
    return [TableOfOrganizations(*row) for row in rows]


async def fill(administrator: Connection, table: TableOfOrganizations) -> None:
    """Put a row of each organization into the table."""
    columns = await administrator.fetch(
        """SELECT attname, format_type(atttypid, NULL), attnotnull AND NOT atthasdef AS needed FROM pg_attribute
           WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped""",
        table.qualified,
    )
    for organization in ORGANIZATIONS:
        row = {name: uuid4() if kind == "uuid" else VALUES[kind] for name, kind, needed in columns if needed}
        row |= {**MUST_BE.get(table.name, {}), "organization_id": organization}
        names = ", ".join(quoted(name) for name in row)
        places = ", ".join(f"${index}" for index in range(1, len(row) + 1))
        await administrator.execute(f"INSERT INTO {table.qualified} ({names}) VALUES ({places})", *row.values())


@pytest.mark.usefixtures("read_models")
async def test_every_table_has_forced_row_level_security_and_one_policy_for_the_reader(
    administrator: Connection,
) -> None:
    rows = await administrator.fetch(
        """SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced,
             (SELECT array_agg(p.qual) FROM pg_policies p
              WHERE p.schemaname = 'consign' AND p.tablename = c.relname
                AND p.roles && ARRAY['consign_reader', 'public']::name[]) AS policies
           FROM pg_class c WHERE c.oid = ANY ($1::regclass[])""",
        [table.qualified for table in await tables_of_organizations(administrator)],
    )
    assert len(rows) > 2 * len(PROJECTIONS)
    assert {row["relname"]: (row["forced"], row["policies"]) for row in rows} == {
        row["relname"]: (True, [POLICY]) for row in rows
    }


@pytest.mark.usefixtures("read_models")
async def test_a_reader_reaches_no_table_or_view_beside_them(administrator: Connection) -> None:
    reached = await administrator.fetch("""
        SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
          AND has_schema_privilege('consign_reader', n.oid, 'USAGE')
          AND has_any_column_privilege('consign_reader', c.oid, 'SELECT')""")
    assert {TableOfOrganizations(*row) for row in reached} <= set(await tables_of_organizations(administrator))
    written = await administrator.fetch("""
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
          AND has_table_privilege('consign_reader', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')""")
    assert written == []


@pytest.mark.usefixtures("read_models")
async def test_no_table_shows_a_foreign_row_to_a_query_without_any_filter(
    administrator: Connection, reader: Connection
) -> None:
    seen: dict[str, Any] = {}
    tables = await tables_of_organizations(administrator)
    for table in tables:
        await fill(administrator, table)
        # Also the tables that a reader may not touch today: their policy must hold when somebody grants them.
        await administrator.execute(f"GRANT SELECT ON {table.qualified} TO consign_reader")
        query = f"SELECT DISTINCT organization_id FROM {table.qualified}"
        both = {row[0] for row in await administrator.fetch(query)}
        async with reader.transaction(readonly=True):
            await reader.execute("SELECT set_config('consign.organization', 'acme', true)")
            own = {row[0] for row in await reader.fetch(query)}
        seen[table.name] = (both, own, await reader.fetch(query))
    assert seen == {table.name: (set(ORGANIZATIONS), {"acme"}, []) for table in tables}


@pytest.mark.parametrize("organization", [None, "", "nobody", "acme ", "%", "acme' OR true --"])
async def test_without_an_organization_or_with_an_unknown_one_nothing_is_seen(
    administrator: Connection, reader: Connection, organization: str | None
) -> None:
    for table in await tables_of_organizations(administrator):
        if table.name in ("events", "heads", "subject_keys", "projection"):
            await fill(administrator, table)
            if organization is not None:
                await reader.execute("SELECT set_config('consign.organization', $1, false)", organization)
            assert await reader.fetchval(f"SELECT count(*) FROM {table.qualified}") == 0


async def test_a_reader_owns_nothing_and_is_nobody_else(administrator: Connection) -> None:
    row = await administrator.fetchrow("""
        SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit FROM pg_roles
        WHERE rolname = 'consign_reader'""")
    assert not any(row or [True])
    owned = await administrator.fetchval("""
        SELECT count(*) FROM pg_shdepend WHERE refobjid = 'consign_reader'::regrole AND deptype = 'o'""")
    member_of = await administrator.fetchval("""
        SELECT count(*) FROM pg_auth_members WHERE member = 'consign_reader'::regrole""")
    defined_by_others = await administrator.fetchval("""
        SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.prosecdef""")
    assert (owned, member_of, defined_by_others) == (0, 0, 0)


@pytest.mark.parametrize("role", OTHER_ROLES)
async def test_a_reader_cannot_become_somebody_else(reader: Connection, role: str) -> None:
    for statement in (f"SET ROLE {role}", f"SET SESSION AUTHORIZATION {role}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE consign.events DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE consign.events NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY of_the_organization ON consign.events",
        "CREATE POLICY all_of_it ON consign.events TO consign_reader USING (true)",
        "CREATE FUNCTION consign.current_organization_of_all() RETURNS text LANGUAGE sql RETURN 'other'",
        "CREATE OR REPLACE FUNCTION consign.current_organization() RETURNS text LANGUAGE sql RETURN 'other'",
        "ALTER ROLE consign_reader BYPASSRLS",
        "GRANT consign_writer TO consign_reader",
        "SET session_replication_role = replica",
        "COPY consign.events TO PROGRAM 'cat'",
        "SELECT pg_read_file('PG_VERSION')",
    ],
)
async def test_a_reader_cannot_put_row_level_security_away(reader: Connection, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.execute(statement)


async def test_a_query_that_asks_for_no_row_level_security_fails_instead_of_showing_all(reader: Connection) -> None:
    await reader.execute("SET row_security = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await reader.fetch("SELECT * FROM consign.events")
