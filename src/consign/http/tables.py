"""Bulk input: rows from CSV or JSON, each wrong row named, the good ones kept and sent on in chunks.

Rows are read in bites: whoever queues at a till of this process is served meanwhile.
"""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from consign.actors.bites import Bites
from consign.domain.local_time import first_instant
from consign.domain.money import PARTS_PER_MILLION, exponent
from consign.domain.values import AMOUNT_LIMIT_MINOR, RowError
from consign.http.bodies import invalid_body
from consign.http.problems import ERRORS_MAX, Refusal
from consign.http.strict_bodies import reader

ROWS_MAX = 20_000
CHUNK_ROWS = 100
"""How many rows become one command. A command may carry more; so few keep a turn at a few milliseconds."""

CELL_CHARACTERS_MAX = 2_000

NOTHING = "-"
"""What a cell says that takes away what is there."""

_DECIMAL = re.compile(r"[+-]?\d{1,15}([.,]\d{1,6})?")
_POINTER = re.compile(r"/(?P<what>rows|tags)/(?P<at>\d+)(?P<rest>(?:/.*)?)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?")
_PERCENT_PPM = PARTS_PER_MILLION // 100
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
    kind: Any = row_type
    read = reader(kind)
    good: list[GoodRow[Row]] = []
    errors: list[RowError] = []
    bites = Bites()
    for index, raw in enumerate(raw_rows):
        await bites.pause()
        try:
            value = read(raw)
        except msgspec.ValidationError as invalid:
            found = invalid_body(str(invalid)).errors[0]
            errors.append(RowError(index, f"/rows/{index}{found['pointer']}", found["reason"], found["detail"]))
            continue
        given = getattr(value, "row", None)
        good.append(GoodRow(index if given is None else given, index, value))
    return Rows(good, errors)


async def csv_rows[Row](
    body: bytes, required: Sequence[str | tuple[str, ...]], read: ReadCells[Row], *, unread: Collection[str] = ()
) -> Rows[Row]:
    """Read a CSV with a header line; comma, semicolon or tab. A row's number is its line in the file.

    Columns that are `unread` are dropped, however long their cells are. What is `required` may have several names.
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
    """Return a chunk's errors with the rows' own numbers, and pointers into the whole input."""
    return [_place(error, chunk) for error in errors]


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


def share(cells: Cells, column: str) -> int | None:
    """Read a rate in per cent, such as 8.875, into parts per million; an empty cell is None."""
    text = cells.get(column, "").strip().removesuffix("%").rstrip()
    if not text:
        return None
    if not _DECIMAL.fullmatch(text):
        raise CellInvalid(f"{column}: {text[:40]!r} is not a rate in per cent such as 20 or 8.875")
    rate_ppm = Decimal(text.replace(",", ".")) * _PERCENT_PPM
    if rate_ppm != int(rate_ppm):
        raise CellInvalid(f"{column}: {text[:40]!r} has more than four decimals")
    return int(rate_ppm)


def instant(cells: Cells, column: str, zone: ZoneInfo) -> datetime:
    """Read a time such as 2026-09-25 14:00; without an offset it is what the clock shows in the zone."""
    text = cells.get(column, "").strip()
    if not _MOMENT.fullmatch(text):
        raise CellInvalid(f"{column}: {text[:40]!r} is not a time such as 2026-09-25 14:00")
    try:
        moment = datetime.fromisoformat(text)
        return first_instant(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise CellInvalid(f"{column}: {text[:40]!r} is not a time") from error


def spoken(cells: Cells, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of columns by the fields that they are; an empty cell says nothing."""
    texts = {field: cells.get(column, "").strip() for column, field in columns.items()}
    return {field: text for field, text in texts.items() if text}


def row_of[Row](row_type: type[Row], fields: Mapping[str, Any]) -> Row:
    """Return the row with these fields; raises CellInvalid naming the field that cannot be so."""
    try:
        return msgspec.convert(fields, row_type)
    except msgspec.ValidationError as invalid:
        found = invalid_body(str(invalid)).errors[0]
        raise CellInvalid(f"{found['pointer'].rpartition('/')[2]}: {found['detail']}") from invalid


def flag(cells: Cells, column: str) -> bool:
    """Read yes or no; an empty cell is no."""
    text = cells.get(column, "").strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise CellInvalid(f"{column}: {text[:40]!r} is neither yes nor no")


def _columns(header: Sequence[str], required: Sequence[str | tuple[str, ...]]) -> list[str]:
    columns = [name.strip().lower().replace(" ", "_") for name in header]
    names = [(each,) if isinstance(each, str) else each for each in required]
    missing = [" or ".join(each) for each in names if not any(name in columns for name in each)]
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


def _place(error: RowError, chunk: Sequence[GoodRow[Any]]) -> RowError:
    """A command of tags points at one by its place among them: that is a row's tag here."""
    found = _POINTER.fullmatch(error.pointer)
    if found is None or int(found["at"]) >= len(chunk):
        return error
    good = chunk[int(found["at"])]
    rest = "/tag" if found["what"] == "tags" else found["rest"]
    return RowError(good.row, f"/rows/{good.index}{rest}", error.reason, error.detail)
