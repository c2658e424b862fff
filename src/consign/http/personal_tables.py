"""What is kept about a person as tables that people can read: a CSV file of each kind, in one ZIP file."""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from consign.http.csv_tables import csv_table, decimal, harmless

_MINOR = "_minor"
_STAMP = (1980, 1, 1, 0, 0, 0)
"""The same content is the same file: a ZIP file says when each of its parts was written."""


def zipped(document: Mapping[str, Any], currencies: Mapping[str, str]) -> bytes:
    """Return the tables, and the whole document as JSON beside them.

    `document` is what is told of a person, in plain types; `currencies` are those of the sales.
    """
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files(document, currencies):
            archive.writestr(zipfile.ZipInfo(name, _STAMP), content, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def _files(document: Mapping[str, Any], currencies: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    taken: Sequence[Mapping[str, Any]] = document["participations"]
    person = {name: value for name, value in document.items() if name != "participations"}
    yield "person.csv", csv_table(("what", "said"), [(name, _cell(value)) for name, value in _flat(person)])
    yield "participations.csv", _table([each["participation"] for each in taken], currencies)
    for kind in taken[0] if taken else ():
        if kind != "participation":
            yield f"{kind}.csv", _table([_in_sale(row, each) for each in taken for row in each[kind]], currencies)
    yield "personal-data.json", msgspec.json.format(msgspec.json.encode(document))


def _in_sale(row: Mapping[str, Any], taken: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the row with the sale that it belongs to, which is in the file's name nowhere."""
    return {"sale": taken["participation"]["sale"], **row}


def _table(rows: Sequence[Mapping[str, Any]], currencies: Mapping[str, str]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    has_amounts = any(name.endswith(_MINOR) for name in names)
    header = [name.removesuffix(_MINOR) for name in names] + (["currency"] if has_amounts else [])
    return csv_table(header, (_row(row, names, currencies, has_amounts=has_amounts) for row in rows))


def _row(
    row: Mapping[str, Any], names: Sequence[str], currencies: Mapping[str, str], *, has_amounts: bool
) -> Sequence[str]:
    currency = currencies[row["sale"]]
    cells = [
        decimal(row[name], currency)
        if name.endswith(_MINOR) and isinstance(row.get(name), int)
        else _cell(row.get(name))
        for name in names
    ]
    return [*cells, currency] if has_amounts else cells


def _flat(person: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in person.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name} ")
        else:
            yield f"{above}{name}", value


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return harmless(value)
        case bool():
            return "yes" if value else "no"
        case list() if all(isinstance(each, str) for each in value):
            return harmless(", ".join(value))
        case _:
            return msgspec.json.encode(value).decode()
