"""A read model's tables: their names, columns and definitions, and how a row becomes column values and back."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from hashlib import sha256
from operator import attrgetter
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct, inspect

from consign.actors.ports import LogError
from consign.adapters.postgres.statements import statement
from consign.projections.projection import Key, Projection, Table

DROP_GRACE_S = 2
_IDENTIFIER_BYTES_MAX = 63
_TABLES_LOCK = 5_721_031_002

type Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]


class TableMismatch(LogError):
    """A table in the database has other columns than its definition: raise the projection's version."""

    def __init__(self, table: str, found: Iterable[str], wanted: Iterable[str]) -> None:
        super().__init__(f"{table} has the columns {sorted(found)}, its definition has {sorted(wanted)}")


class Column(Struct, frozen=True):
    """One field of a row as it is stored; `encode` and `decode` are None where the driver takes the value as it is."""

    name: str
    sql_type: str
    nullable: bool
    encode: Callable[[Any], Any] | None
    decode: Callable[[Any], Any] | None

    @property
    def is_json(self) -> bool:
        """Whether the field is kept as JSON text."""
        return self.encode is not None

    @property
    def definition(self) -> str:
        """The column in CREATE TABLE; text sorts by code point, so that key order is the same on every machine."""
        collation = ' COLLATE "C"' if self.sql_type == "text" else ""
        return f"{quoted(self.name)} {self.sql_type}{collation}{'' if self.nullable else ' NOT NULL'}"

    def stored(self, value: Any) -> Any:
        """Return what is stored for a field's value."""
        return value if value is None or self.encode is None else self.encode(value)


class Layout:
    """A table of one build of a projection: where it is and how its rows are stored."""

    def __init__(self, projection: Projection, build: int, table: Table) -> None:
        self.table = table
        self.name = table_name(projection, build, table.name)
        self.columns = tuple(_column(field) for field in msgspec.structs.fields(table.row))
        by_name = {column.name: column for column in self.columns}
        self.key_columns = tuple(by_name[name] for name in table.key)
        self._decoders = tuple((index, c.decode) for index, c in enumerate(self.columns) if c.decode is not None)
        self._key: Callable[[Struct], Any] = attrgetter(*table.key)

    @property
    def qualified(self) -> str:
        """The table's name with its schema."""
        return f"consign.{quoted(self.name)}"

    def column(self, name: str) -> Column:
        """Return the column called `name`; raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def key_of(self, row: Struct) -> Key:
        """Return the row's key."""
        key: Any = self._key(row)
        return key if len(self.key_columns) > 1 else (key,)

    def row(self, values: Sequence[Any]) -> Struct:
        """Return the row whose columns were stored as `values`."""
        if not self._decoders:
            return self.table.row(*values)
        decoded = list(values)
        for index, decode in self._decoders:
            if decoded[index] is not None:
                decoded[index] = decode(decoded[index])
        return self.table.row(*decoded)

    def definition(self) -> Iterable[str]:
        """Yield the statements that create the table, its indexes, policies and grants, unless they are there."""
        columns = ", ".join(column.definition for column in self.columns)
        key = ", ".join(("organization_id", *(quoted(name) for name in self.table.key)))
        yield (
            f'CREATE TABLE IF NOT EXISTS {self.qualified} (organization_id text COLLATE "C" NOT NULL, {columns}, '
            f"PRIMARY KEY ({key})) WITH (fillfactor = 80)"
        )
        for fields in self.table.indexes:
            # The key behind the fields lets a list sorted by them page without a sort.
            behind = [name for name in self.table.key if name not in fields]
            indexed = ", ".join(("organization_id", *(quoted(name) for name in (*fields, *behind))))
            name = _bounded(f"{self.name}_by_{'_'.join(fields)}")
            yield f"CREATE INDEX IF NOT EXISTS {quoted(name)} ON {self.qualified} ({indexed})"

    def protection(self) -> Iterable[str]:
        """Yield the statements that bind a new table to row-level security."""
        yield f"ALTER TABLE {self.qualified} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {self.qualified} FORCE ROW LEVEL SECURITY"
        yield (
            f"CREATE POLICY of_the_organization ON {self.qualified} TO consign_reader "
            "USING (organization_id = consign.current_organization())"
        )
        yield (
            f"CREATE POLICY every_organization ON {self.qualified} TO consign_projector USING (true) WITH CHECK (true)"
        )
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {self.qualified} TO consign_projector"
        yield f"GRANT SELECT ON {self.qualified} TO consign_reader"


def quoted(identifier: str) -> str:
    """Return the identifier as SQL writes it."""
    return '"' + identifier.replace('"', '""') + '"'


def table_name(projection: Projection, build: int, table: str) -> str:
    """Return `rm_<projection>_v<version>_<table>`; the second filling of a version has `b` behind the version."""
    name = f"rm_{projection.name}_v{projection.version}{'b' if build else ''}_{table}".replace("-", "_")
    if len(name.encode()) > _IDENTIFIER_BYTES_MAX:
        raise ValueError(f"{name} is longer than the {_IDENTIFIER_BYTES_MAX} bytes that Postgres keeps of a name")
    return name


@cache
def layouts(projection: Projection, build: int) -> tuple[Layout, ...]:
    """Return the layout of each of the projection's tables."""
    return tuple(Layout(projection, build, table) for table in projection.tables)


async def ensure_tables(
    connection: Connection, projections: Iterable[Projection], *, builds: Iterable[int] = (0,)
) -> None:
    """Create the missing tables of the projections; several processes may do so at once.

    The connection is the administrator's or the owner's. Raises TableMismatch for a table of other columns.
    """
    wanted = [layout for build in builds for projection in projections for layout in layouts(projection, build)]
    async with connection.transaction():
        await connection.execute(f"SELECT pg_advisory_xact_lock({_TABLES_LOCK})")
        await connection.execute("SET LOCAL ROLE consign_owner")
        rows = await connection.fetch(statement("projection", "columns"), [layout.name for layout in wanted])
        found: dict[str, set[str]] = {row[0]: set(row[1]) for row in rows}
        for layout in wanted:
            columns = {"organization_id", *(column.name for column in layout.columns)}
            existing = found.get(layout.name)
            if existing is not None and existing != columns:
                raise TableMismatch(layout.name, existing, columns)
            for definition in layout.definition():
                await connection.execute(definition)
            if existing is None:
                for definition in layout.protection():
                    await connection.execute(definition)


async def drop_unused_tables(connection: Connection, projections: Iterable[Projection]) -> list[str]:
    """Drop the tables of older versions that serve no organization any more; return their names.

    Queries that still read one are given `DROP_GRACE_S` to end; what is in use for longer stays until the next call. A
    query that comes too late is told to ask again, and a process of an older build that would begin an organization
    with such a table has that one read model failing until a newer process takes over.
    """
    dropped: list[str] = []
    async with connection.transaction():
        await connection.execute(f"SELECT pg_advisory_xact_lock({_TABLES_LOCK})")
        await connection.execute("SET LOCAL ROLE consign_owner")
        await connection.execute(f"SET LOCAL lock_timeout = '{DROP_GRACE_S}s'")
        used = {tuple(row) for row in await connection.fetch(statement("projection", "builds_used"))}
        tables = [row[0] for row in await connection.fetch(statement("projection", "read_model_tables"))]
        for projection in projections:
            pattern = re.compile(rf"rm_{re.escape(projection.name.replace('-', '_'))}_v(\d+)(b?)_")
            for table in tables:
                named = pattern.match(table)
                if named is None or int(named[1]) >= projection.version:
                    continue
                if (projection.name, int(named[1]), len(named[2])) not in used and await _dropped(connection, table):
                    dropped.append(table)
    return dropped


async def _dropped(connection: Connection, table: str) -> bool:
    try:
        async with connection.transaction():
            await connection.execute(f"DROP TABLE consign.{quoted(table)}")
    except asyncpg.LockNotAvailableError:
        return False
    return True


def _bounded(name: str) -> str:
    if len(name.encode()) <= _IDENTIFIER_BYTES_MAX:
        return name
    digest = sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _IDENTIFIER_BYTES_MAX - len(digest) - 1]}_{digest}"


def _column(field: msgspec.structs.FieldInfo) -> Column:
    kind = inspect.type_info(field.type)
    nullable = False
    while isinstance(kind, inspect.UnionType | inspect.Metadata):
        if isinstance(kind, inspect.Metadata):
            kind = kind.type
            continue
        others = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
        nullable = nullable or len(others) < len(kind.types)
        if len(others) != 1:
            break
        kind = others[0]
    match kind:
        case inspect.StrType():
            return Column(field.name, "text", nullable, None, None)
        case inspect.LiteralType(values=values) if all(isinstance(value, str) for value in values):
            return Column(field.name, "text", nullable, None, None)
        case inspect.BoolType():
            return Column(field.name, "boolean", nullable, None, None)
        case inspect.IntType():
            return Column(field.name, "bigint", nullable, None, None)
        case inspect.DateTimeType():
            return Column(field.name, "timestamptz", nullable, None, None)
        case _:
            return Column(field.name, "text", nullable, _encode_json, msgspec.json.Decoder(field.type).decode)


def _encode_json(value: Any) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()
