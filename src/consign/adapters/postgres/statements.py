"""SQL statements by name: `statement("log", "head")` is the text of `sql/log/head.sql`."""

from functools import cache
from importlib import resources


@cache
def statement(folder: str, name: str) -> str:
    """Return the statement `name` of `folder`."""
    return (resources.files("consign.adapters.postgres") / "sql" / folder / f"{name}.sql").read_text(encoding="utf-8")
