"""Commands of tills that come back, and of the conflicts desk."""

from collections.abc import Mapping
from typing import Any

from consign.domain.offline_commands import (
    BODY_BYTES_LIMIT,
    AcceptConflict,
    ConflictAnswer,
    DiscardQuarantined,
    KeptBytes,
    QuarantineAnswer,
    QuarantineUpload,
    RepairQuarantined,
    ReportUnsynced,
    UnsyncedAnswer,
    UploadAnswer,
    UploadOfflineSales,
)
from consign.domain.values import AccountId, SaleId
from consign.http import examples
from consign.http.commands.route import CommandRoute, account_of
from consign.http.exchange import Exchange
from consign.http.problems import Refusal
from consign.http.quarantine import Quarantine

_SALE_MADE_OFFLINE = {
    "sale_id": examples.BASKET,
    "counter": 1,
    "lines": [{"tag": examples.TAG, "price_minor": 350}],
    "tenders": [{"kind": "cash", "amount_minor": 350}],
    "total_minor": 350,
    "occurred_at": "2026-09-26T10:00:00Z",
}


async def _kept_sales(quarantine: Quarantine, exchange: Exchange, body: Any) -> tuple[KeptBytes, ...]:
    """Return each sale of an upload as it was sent; the name is another one where it was sold elsewhere."""
    place = f"{body.session}\n{body.till}"
    return await quarantine.kept(exchange.organization, place, [bytes(each) for each in body.sales])


async def _kept_whole(
    quarantine: Quarantine, exchange: Exchange, ids: Mapping[str, str], refusal: Refusal
) -> QuarantineUpload:
    """Return the command that keeps an upload that is no JSON: cut off, or sent as something else."""
    if len(exchange.body) > BODY_BYTES_LIMIT:
        raise Refusal("payload_too_large", f"{refusal.detail} What cannot be read may hold {BODY_BYTES_LIMIT} bytes.")
    (kept,) = await quarantine.kept(exchange.organization, "", [exchange.body])
    return QuarantineUpload(SaleId(ids["sale"]), AccountId(account_of(exchange)), refusal.detail, kept)


ROUTES: tuple[CommandRoute, ...] = (
    CommandRoute(
        "upload-offline-sales",
        "/sales/{sale}/offline-sales",
        UploadOfflineSales,
        UploadAnswer,
        "Upload sales that a till made by itself, until answered: each is taken in once, whatever it contradicts.",
        {
            "session": examples.SESSION,
            "till": "K1",
            "cashier": "casey",
            "sent_at": "2026-09-26T10:30:00Z",
            "sales": [_SALE_MADE_OFFLINE],
            "unsynced": 0,
        },
        "offline",
        sealed={"kept": _kept_sales},
        keep=_kept_whole,
    ),
    CommandRoute(
        "report-unsynced",
        "/sessions/{session}/report-unsynced",
        ReportUnsynced,
        UnsyncedAnswer,
        "Say how many sales the till holds that it has not uploaded.",
        {"unsynced": 3},
        "offline",
    ),
    CommandRoute(
        "accept-conflict",
        "/sales/{sale}/conflicts/{conflict}/accept",
        AcceptConflict,
        ConflictAnswer,
        "Take note of a conflict that holds no money. One that does is resolved by its manual line, or by a refund.",
        {"reason": "the till was found late"},
        "offline",
        {"accepted_by": account_of},
    ),
    CommandRoute(
        "repair-quarantined",
        "/sales/{sale}/quarantine/{quarantine}/repair",
        RepairQuarantined,
        QuarantineAnswer,
        "Take in a sale that could not be read, as somebody mended it.",
        {"repaired": _SALE_MADE_OFFLINE, "reason": "the total was torn"},
        "offline",
        {"ended_by": account_of},
    ),
    CommandRoute(
        "discard-quarantined",
        "/sales/{sale}/quarantine/{quarantine}/discard",
        DiscardQuarantined,
        QuarantineAnswer,
        "Say that nothing was sold by what could not be read. Its bytes stay until their key is destroyed.",
        {"reason": "a test of the till"},
        "offline",
        {"ended_by": account_of},
    ),
)
