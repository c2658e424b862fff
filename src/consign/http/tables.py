"""Bulk input: rows from CSV or JSON, each wrong row named, the good ones kept and sent on in chunks.

Rows are read in bites: whoever queues at a till of this process is served meanwhile.
"""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from msgspec import Struct

from consign.actors.bites import Bites
from consign.domain.money import exponent
from consign.domain.values import AMOUNT_LIMIT_MINOR, RowError
from consign.http.bodies import invalid_body
from consign.http.problems import ERRORS_MAX, Refusal

ROWS_MAX = 20_000
CHUNK_ROWS = 100
"""How many rows become one command. A command may carry more; so few keep a turn at a few milliseconds."""

CELL_CHARACTERS_MAX = 2_000

_DECIMAL = re.compile(r"[+-]?\d{1,15}([.,]\d{1,6})?")
_TRUE = frozenset(("1", "true", "yes", "y", "x"))
_FALSE = frozenset(("", "0", "false", "no", "n"))


class GoodRow[Row](Struct, frozen=True):
    """A row that could be read. `row` is the number people know it by, `index` its place in the input."""

    row: int
    index: int
    value: Row


class Rows[Row](Struct, frozen=True):
    """What was read: good rows, and what is wrong with the others."""

    good: Sequence[GoodRow[Row]]
    errors: Sequence[RowError]

    def chunks(self) -> Iterable[Sequence[GoodRow[Row]]]:
        """Return the good rows in portions of one command each; raises Refusal where there is none at all."""
        if not self.good:
            detail = "No row can be used: see errors." if self.errors else "There is no row."
            raise Refusal("rows_invalid", detail, errors=[msgspec.to_builtins(error) for error in limited(self.errors)])
        for begin in range(0, len(self.good), CHUNK_ROWS):
            yield self.good[begin : begin + CHUNK_ROWS]


class CellInvalid(Exception):
    """A cell says something its column cannot hold; the message is for people."""


type Cells = Mapping[str, str]
type ReadCells[Row] = Callable[[Cells, int], Row]


async def json_rows[Row](raw_rows: Sequence[msgspec.Raw], row_type: type[Row]) -> Rows[Row]:
    """Decode each row by itself; its number is its field `row`, or its index."""
    if len(raw_rows) > ROWS_MAX:
        raise Refusal("limit_exceeded", f"A request may hold {ROWS_MAX} rows.")
    decoder = msgspec.json.Decoder(row_type)
    good: list[GoodRow[Row]] = []
    errors: list[RowError] = []
    bites = Bites()
    for index, raw in enumerate(raw_rows):
        await bites.pause()
        try:
            value = decoder.decode(raw)
        except msgspec.ValidationError as invalid:
            found = invalid_body(str(invalid)).errors[0]
            errors.append(RowError(index, f"/rows/{index}{found['pointer']}", found["reason"], found["detail"]))
            continue
        given = getattr(value, "row", None)
        good.append(GoodRow(index if given is None else given, index, value))
    return Rows(good, errors)


async def csv_rows[Row](
    body: bytes, required: Sequence[str], read: ReadCells[Row], *, unread: Collection[str] = ()
) -> Rows[Row]:
    """Read a CSV with a header line; comma, semicolon or tab. A row's number is its line in the file.

    Columns that are `unread` are dropped, however long their cells are.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal("malformed_text", "The CSV is not UTF-8.") from error
    header_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    good: list[GoodRow[Row]] = []
    errors: list[RowError] = []
    try:
        columns = _columns(next(reader, []), required)
        index = 0
        bites = Bites()
        for cells in reader:
            await bites.pause()
            if not any(cell.strip() for cell in cells):
                continue
            if index >= ROWS_MAX:
                raise Refusal("limit_exceeded", f"A request may hold {ROWS_MAX} rows.")
            try:
                value = read(_named(columns, cells, unread), reader.line_num)
            except CellInvalid as invalid:
                column, _, detail = str(invalid).partition(": ")
                errors.append(RowError(reader.line_num, f"/rows/{index}/{column}", "invalid", detail))
            else:
                good.append(GoodRow(reader.line_num, index, value))
            index += 1
    except csv.Error as error:
        raise Refusal("malformed_body", f"Line {reader.line_num} of the CSV cannot be read: {error}.") from error
    return Rows(good, errors)


def placed(errors: Iterable[RowError], chunk: Sequence[GoodRow[Any]]) -> list[RowError]:
    """Return a chunk's errors with pointers into the whole input."""
    indexes = [good.index for good in chunk]
    return [RowError(error.row, _place(error.pointer, indexes), error.reason, error.detail) for error in errors]


def limited(errors: Sequence[RowError]) -> tuple[RowError, ...]:
    """Return the errors in the order of their rows, no more than an answer may hold."""
    return tuple(sorted(errors, key=lambda error: error.row)[:ERRORS_MAX])


def whole(cells: Cells, column: str) -> int | None:
    """Read a whole number; an empty cell is None."""
    text = cells.get(column, "").strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}", text):
        raise CellInvalid(f"{column}: {text[:40]!r} is not a whole number")
    return int(text)


def needed[Value](value: Value | None, column: str) -> Value:
    """Return the value; raises CellInvalid where the cell was empty."""
    if value is None or value == "":
        raise CellInvalid(f"{column}: the cell is empty")
    return value


def amount(cells: Cells, column: str, currency: str) -> int | None:
    """Read an amount in the currency's own unit, such as 2.50, into minor units; an empty cell is None."""
    text = cells.get(column, "").strip()
    if not text:
        return None
    if not _DECIMAL.fullmatch(text):
        raise CellInvalid(f"{column}: {text[:40]!r} is not an amount such as 2.50")
    try:
        minor = Decimal(text.replace(",", ".")).scaleb(exponent(currency))
        whole_minor = int(minor)
    except InvalidOperation as error:
        raise CellInvalid(f"{column}: {text[:40]!r} is not an amount") from error
    if minor != whole_minor:
        raise CellInvalid(f"{column}: {text[:40]!r} has more decimals than {currency}")
    if abs(whole_minor) > AMOUNT_LIMIT_MINOR:
        raise CellInvalid(f"{column}: {text[:40]!r} is out of range")
    return whole_minor


def flag(cells: Cells, column: str) -> bool:
    """Read yes or no; an empty cell is no."""
    text = cells.get(column, "").strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise CellInvalid(f"{column}: {text[:40]!r} is neither yes nor no")


def _columns(header: Sequence[str], required: Sequence[str]) -> list[str]:
    columns = [name.strip().lower().replace(" ", "_") for name in header]
    missing = [name for name in required if name not in columns]
    if missing:
        raise Refusal("body_invalid", f"The CSV's first line must name the columns {', '.join(missing)}.")
    return columns


def _named(columns: Sequence[str], cells: Sequence[str], unread: Collection[str]) -> Cells:
    if len(cells) > len(columns):
        raise CellInvalid(f"{columns[-1]}: the line has more cells than the header")
    for column, cell in zip(columns, cells, strict=False):
        if column not in unread and len(cell) > CELL_CHARACTERS_MAX:
            raise CellInvalid(f"{column}: the cell is too long")
    named = zip(columns, cells, strict=False)
    return {column: cell for column, cell in named if column not in unread}


def _place(pointer: str, indexes: Sequence[int]) -> str:
    parts = pointer.split("/")
    rows = 1
    if len(parts) > rows + 1 and parts[rows] == "rows" and parts[rows + 1].isdigit():
        at = int(parts[rows + 1])
        if at < len(indexes):
            parts[rows + 1] = str(indexes[at])
    return "/".join(parts)
