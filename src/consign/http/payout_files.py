"""Files that leave the house: a batch for the bank or to be typed in, and a statement as a table.

A batch's file is made when it is asked for, out of the batch as it was recorded and the details that its consignors had
given by then: it is the same, byte for byte, every time, and account numbers lie nowhere unsealed.
"""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from consign.actors.queries import ReadAt
from consign.domain.settlement.figures import Figures
from consign.domain.settlement.policy import PayoutMethod
from consign.domain.tag import shown
from consign.domain.values import TagCode
from consign.http.admission import check_acceptable
from consign.http.bodies import CSV
from consign.http.csv_tables import csv_table, decimal, harmless
from consign.http.endpoint import ORGANIZATION_PATH, Endpoint
from consign.http.exchange import exchange_of
from consign.http.ownership import require_own_participation
from consign.http.path_ids import checked
from consign.http.payout_details import PayoutDetails, opened_details
from consign.http.ports import Vault
from consign.http.problems import Refusal
from consign.http.reading import AFTER_POSITION, Reading, known_parameters, missing
from consign.http.sepa import Account, Payment, Transfer, pain_001
from consign.projections.payouts import PAYOUTS, BatchDetailsRow, BatchRow
from consign.projections.settlements import SETTLEMENTS, StatementRow

_XML = "application/xml"
_SALE_CHARACTERS = 20
"""How much of a sale's id makes the ids in a bank file: they may have 35 characters in all."""


class Files:
    """The handlers, and what they need."""

    def __init__(self, reading: Reading, vault: Vault) -> None:
        self._reading = reading
        self._vault = vault

    async def batch(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the file of a batch."""
        exchange = exchange_of(request.scope)
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        ids = checked(request.path_params)
        await self._reading.begin(request, PAYOUTS)
        key = (ids["sale"], ids["batch"])
        found = await self._reading.models.get(exchange.organization, PAYOUTS, "batches", key)
        if found.row is None:
            raise missing("unknown_batch", "batch", ids["batch"])
        batch: BatchRow = found.row
        if batch.status in ("dropped", "withdrawn"):
            raise Refusal("batch_closed", f"Batch {batch.batch} was {batch.status}: its file must not be used.")
        media_type = _XML if batch.method == PayoutMethod.SEPA else CSV
        check_acceptable(exchange.header(b"accept") or "*/*", (media_type,))
        kept = await self._reading.models.get(exchange.organization, PAYOUTS, "batch_details", key)
        assert isinstance(kept.row, BatchDetailsRow)
        details = _readable(batch, await opened_details(self._vault, exchange.organization, kept.row.details))
        if batch.method == PayoutMethod.SEPA:
            return _file(pain_001(_payment(batch, details)), _XML, f"{batch.batch}.xml", found.at)
        return _file(_list(batch, details), CSV, f"{batch.batch}.csv", found.at)

    async def statement(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return a statement as a table."""
        exchange = exchange_of(request.scope)
        known_parameters(request, frozenset((AFTER_POSITION.name,)))
        ids = checked(request.path_params)
        await self._reading.begin(request, SETTLEMENTS)
        key = (ids["sale"], ids["statement"])
        found = await self._reading.models.get(exchange.organization, SETTLEMENTS, "statements", key)
        if found.row is None:
            raise missing("unknown_statement", "statement", ids["statement"])
        owner = found.row.participation
        await require_own_participation(
            self._reading, exchange, owner, "unknown_statement", "statement", ids["statement"]
        )
        return _file(_table(found.row), CSV, f"{ids['statement']}.csv", found.at)


def payout_file_handlers(reading: Reading, vault: Vault) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    files = Files(reading, vault)
    batch = Endpoint(
        rule="payout-batch-file",
        summary="The file of a batch: XML for the bank (pain.001) for SEPA, else a CSV. The same bytes every time.",
        tag="payouts",
        answer=str,
        answer_type=_XML,
        other_answer_types=(CSV,),
        parameters=(AFTER_POSITION,),
        reads=True,
    )
    statement = Endpoint(
        rule="statement-csv",
        summary="A statement as a CSV, amounts in the currency's own unit; consignors read their own.",
        tag="settlements",
        answer=str,
        answer_type=CSV,
        parameters=(AFTER_POSITION,),
        reads=True,
    )
    of_sale = f"{ORGANIZATION_PATH}/sales/{{sale:str}}"
    return [
        get(f"{of_sale}/payout-batches/{{batch:str}}/file", name=batch.rule, opt=batch.opt())(files.batch),
        get(f"{of_sale}/statements/{{statement:str}}/csv", name=statement.rule, opt=statement.opt())(files.statement),
    ]


def _file(content: bytes, media_type: str, name: str, at: ReadAt) -> Response[bytes]:
    headers = {
        "X-Consign-Position": str(at.position),
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Response(content, media_type=media_type, headers=headers)


def _readable(batch: BatchRow, details: Sequence[PayoutDetails | None]) -> list[PayoutDetails]:
    gone = [entry.payout for entry, each in zip(batch.entries, details, strict=True) if each is None]
    if gone:
        named = ", ".join(gone[:10])
        raise Refusal("person_forgotten", f"Whoever {named} is for was forgotten: drop the batch and make another.")
    return [each for each in details if each is not None]


def _payment(batch: BatchRow, details: Sequence[PayoutDetails]) -> Payment:
    assert batch.debtor is not None
    assert batch.execute_on is not None
    prefix = batch.sale.replace("-", "")[-_SALE_CHARACTERS:]
    return Payment(
        f"{prefix}-{batch.batch}",
        batch.prepared_at,
        batch.execute_on,
        Account(batch.debtor.name, batch.debtor.iban, batch.debtor.bic),
        [
            Transfer(
                f"{prefix}-{entry.payout}",
                Account(each.name, each.iban, each.bic),
                entry.amount_minor - entry.fee_minor,
                f"{batch.debtor.name}, consignor {entry.consignor}, payout {entry.payout}",
            )
            for entry, each in zip(batch.entries, details, strict=True)
        ],
        batch.debtor.message,
    )


def _list(batch: BatchRow, details: Sequence[PayoutDetails]) -> bytes:
    rows = [
        (
            entry.payout,
            str(entry.consignor),
            harmless(each.name),
            each.iban,
            each.bic,
            decimal(entry.amount_minor - entry.fee_minor, batch.currency),
            batch.currency,
            str(entry.cheque or ""),
        )
        for entry, each in zip(batch.entries, details, strict=True)
    ]
    return csv_table(("payout", "consignor", "name", "iban", "bic", "amount", "currency", "cheque"), rows)


def _table(statement: StatementRow) -> bytes:
    figures = [(name, getattr(statement.figures, name)) for name in Figures.__struct_fields__ if name != "count"]
    rows = [
        ("statement", statement.statement, ""),
        ("kind", statement.kind, ""),
        ("status", statement.status, ""),
        ("consignor", str(statement.consignor), ""),
        *(("item", _named(line.tag), decimal(line.gross_minor, statement.currency)) for line in statement.lines),
        *((name.removesuffix("_minor"), "", decimal(amount, statement.currency)) for name, amount in figures),
        ("net", "", decimal(statement.net_minor, statement.currency)),
        ("currency", statement.currency, ""),
        ("seal", statement.seal, ""),
    ]
    return csv_table(("what", "which", "amount"), rows)


def _named(tag: TagCode) -> str:
    """Return a tag as people read it; what was credited without one goes by the id of its line at the till."""
    return shown(tag) if tag.isdecimal() else tag
