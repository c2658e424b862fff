"""The statements over read model tables, built from their layouts since their definitions live in code.

One step is one statement: the checkpoints move, and a row is written only where its projection's checkpoint did. A
statement is its own transaction, so a step costs a single round trip.
"""
# ruff: noqa: S608 - names come from definitions in code, every value is a parameter

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from consign.adapters.postgres.projection_tables import Layout, quoted
from consign.adapters.postgres.statements import statement

_MOVE_ARGUMENTS = 9
_STATEMENTS_MAX = 1000


class TableWrite(NamedTuple):
    """One table that a step changes: whether it puts rows, and whether it removes some."""

    projection: str
    layout: Layout
    puts: bool
    removes: bool


@lru_cache(maxsize=_STATEMENTS_MAX)
def fetch_statement(layout: Layout) -> str:
    """Select the rows of $1 with the keys in $2…: one index look-up a key, whatever the statistics say."""
    columns = ", ".join(f"t.{quoted(column.name)}" for column in layout.columns)
    keys = [quoted(column.name) for column in layout.key_columns]
    matches = " AND ".join(f"t.{key} = k.{key}" for key in keys)
    arrays = ", ".join(f"${index}::{column.sql_type}[]" for index, column in enumerate(layout.key_columns, 2))
    return (
        f"SELECT r.* FROM unnest({arrays}) AS k ({', '.join(keys)}) CROSS JOIN LATERAL "
        f"(SELECT {columns} FROM {layout.qualified} AS t WHERE t.organization_id = $1 AND {matches} OFFSET 0) AS r"
    )


@lru_cache(maxsize=_STATEMENTS_MAX)
def step_statement(writes: tuple[TableWrite, ...]) -> str:
    """Move the checkpoints of $1 by $2…$9 and write the tables: rows to put as a JSON array, keys to remove as arrays.

    A JSON array of rows costs the event loop a fifth of what an array a column does (measured).
    """
    parts = [f"moved AS ({statement('projection', 'move')})"]
    argument = _MOVE_ARGUMENTS + 1
    for number, write in enumerate(writes):
        moved = f"EXISTS (SELECT FROM moved WHERE moved.name = '{write.projection}')"
        if write.puts:
            parts.append(f"put_{number} AS ({_put(write.layout, f'${argument}::json', moved)})")
            argument += 1
        if write.removes:
            arrays = [f"${argument + index}::{c.sql_type}[]" for index, c in enumerate(write.layout.key_columns)]
            parts.append(f"remove_{number} AS ({_remove(write.layout, arrays, moved)})")
            argument += len(arrays)
    return f"WITH {', '.join(parts)} SELECT name FROM moved"


def _put(layout: Layout, rows: str, moved: str) -> str:
    names = [quoted(column.name) for column in layout.columns]
    fields = ", ".join(f"{quoted(c.name)} {'json' if c.is_json else c.sql_type}" for c in layout.columns)
    values = ", ".join(f"u.{quoted(c.name)}::text" if c.is_json else f"u.{quoted(c.name)}" for c in layout.columns)
    keys = [quoted(column.name) for column in layout.key_columns]
    update = ", ".join(f"{name} = EXCLUDED.{name}" for name in names if name not in keys)
    return (
        f"INSERT INTO {layout.qualified} (organization_id, {', '.join(names)}) "
        f"SELECT $1, {values} FROM json_to_recordset({rows}) AS u ({fields}) WHERE {moved} "
        f"ON CONFLICT (organization_id, {', '.join(keys)}) DO {f'UPDATE SET {update}' if update else 'NOTHING'}"
    )


def _remove(layout: Layout, arrays: Iterable[str], moved: str) -> str:
    keys = [quoted(column.name) for column in layout.key_columns]
    matches = " AND ".join(f"t.{key} = u.{key}" for key in keys)
    return (
        f"DELETE FROM {layout.qualified} AS t USING unnest({', '.join(arrays)}) AS u ({', '.join(keys)}) "
        f"WHERE t.organization_id = $1 AND {matches} AND {moved}"
    )
