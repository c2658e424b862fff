"""The hashes that seal what was stated and what is to be paid; anybody can compute them again.

What is hashed is text, a line a fact, so that it does not depend on how events are stored. A statement's seal covers
the seal of the statement before it: nothing can be changed, left out or put in between.
"""

from collections.abc import Iterable
from hashlib import sha256

from msgspec.structs import replace

from consign.domain.settlement.events import PayoutBatchPrepared, StatementIssued
from consign.domain.settlement.figures import Figures


def sealed(statement: StatementIssued, seal_before: str) -> StatementIssued:
    """Return the statement with its seal; `seal_before` is the sale's last one, empty for its first."""
    return replace(statement, seal=statement_seal(statement, seal_before))


def statement_seal(statement: StatementIssued, seal_before: str) -> str:
    """Return SHA-256 in hexadecimal over the seal before and the statement's facts."""
    return _hash(
        [
            seal_before,
            f"{statement.kind} {statement.statement} of sale {statement.sale}",
            f"participation {statement.participation} number {statement.consignor}",
            f"currency {statement.currency} rounded {statement.basis.value} {statement.mode.value}",
            *(f"{name} {getattr(statement.figures, name)}" for name in Figures.__struct_fields__),
            f"net_minor {statement.figures.net_minor}",
            *(f"item {line.tag} {line.gross_minor}" for line in statement.lines),
        ]
    )


def batch_seal(batch: PayoutBatchPrepared) -> str:
    """Return SHA-256 in hexadecimal over the batch's totals and entries."""
    return _hash(
        [
            f"batch {batch.batch} of sale {batch.sale} by {batch.method.value}",
            f"count {batch.count} total {batch.total_minor} {batch.currency}",
            *(
                f"{entry.payout} {entry.participation} {entry.amount_minor} {entry.fee_minor} "
                f"details {entry.details} cheque {entry.cheque}"
                for entry in batch.entries
            ),
        ]
    )


def _hash(lines: Iterable[str]) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()
