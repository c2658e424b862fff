"""An integrator's program, written from `docs/api/asyncapi.json` alone: what that does not say, it does not know.

It imports nothing of the service, and may be made to lose messages, so that it has to count.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self

import jsonschema_rs
from nats.aio.client import Client as Nats
from nats.aio.msg import Msg

type CatchUp = Callable[[int], Awaitable[list[dict[str, Any]]]]
"""Asks the address that the document names for the events after a position."""


class Document:
    """What the published document says: where events come, which there are, and what they look like."""

    def __init__(self, text: str) -> None:
        self._document: dict[str, Any] = json.loads(text)
        (self._channel,) = self._document["channels"].values()
        parameters = self._channel["parameters"]
        self.types = frozenset(parameters["type"]["enum"])
        self.aggregates = frozenset(parameters["aggregate"]["enum"])
        self._validators = {name: self._validator(name) for name in self._channel["messages"]}
        (trait,) = self._document["components"]["messageTraits"].values()
        self._headers = jsonschema_rs.validator_for(trait["headers"])

    def subject(self, organization: str) -> str:
        """The channel's address with what is known put in, and everything else left open."""
        steps = str(self._channel["address"]).split(".")
        return ".".join(organization if step == "{organization}" else "*" if "{" in step else step for step in steps)

    def check_headers(self, headers: Mapping[str, str]) -> None:
        self._headers.validate(dict(headers))

    def check(self, kind: str, subject: str, data: Any) -> None:
        assert kind in self.types, f"the document knows no {kind}"
        assert subject.partition("/")[0] in self.aggregates, f"the document knows no aggregate of {subject}"
        self._validators[kind].validate(data)

    def _validator(self, name: str) -> Any:
        message = self._resolved(self._channel["messages"][name])
        schema = {"$ref": message["payload"]["$ref"], "components": self._document["components"]}
        for example in message["examples"]:
            jsonschema_rs.validator_for(schema).validate(example["payload"])
        return jsonschema_rs.validator_for(schema)

    def _resolved(self, value: dict[str, Any]) -> dict[str, Any]:
        found: Any = self._document
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return dict(found)


class Integrator:
    """Keeps a shop of its own up to date: where each item is, what each receipt came to, what was paid out.

    Also what still has to be decided about tills that were away, what everybody may list beside the rule, and for how
    much vouchers are out.
    """

    def __init__(self, document: Document, catch_up: CatchUp, *, loses_every: int = 0) -> None:
        self.items: dict[str, str] = {}
        self.receipts: dict[str, dict[str, Any]] = {}
        self.payouts: dict[str, dict[str, Any]] = {}
        self.conflicts: dict[str, str] = {}
        self.quarantined: dict[str, str] = {}
        self.allowances: dict[str, int] = {}
        self.voucher_minor = 0
        self.position = 0
        self.delivered = self.caught_up = 0
        self._document = document
        self._catch_up = catch_up
        self._loses_every = loses_every

    async def listen(self, nats: Nats, organization: str) -> Self:
        await nats.subscribe(self._document.subject(organization), cb=self._on_message)
        return self

    async def mend(self) -> None:
        """Fetch everything that was missed."""
        while events := await self._catch_up(self.position):
            for event in events:
                self.caught_up += 1
                self._take(int(event["publicposition"]), event["type"], event["subject"], event["data"])

    async def _on_message(self, message: Msg) -> None:
        headers = message.headers or {}
        self._document.check_headers(headers)
        self.delivered += 1
        if self._loses_every and self.delivered % self._loses_every == 0:
            return
        position = int(headers["ce-publicposition"])
        if position > self.position + 1:
            await self.mend()
        self._take(position, headers["ce-type"], headers["ce-subject"], json.loads(message.data))

    def _take(self, position: int, kind: str, subject: str, data: dict[str, Any]) -> None:
        if position <= self.position:
            return  # delivered again, or fetched before
        assert position == self.position + 1, "the count has a gap"
        self._document.check(kind, subject, data)
        self.position = position
        if kind in _STATUS:
            self.items[data["tag"]] = _STATUS[kind]
        handler = _HANDLERS.get(kind)
        if handler is not None:
            handler(self, data)

    def sold(self, data: dict[str, Any]) -> None:
        self.items[data["tag"]] = "sold"

    def sale_voided(self, data: dict[str, Any]) -> None:
        self.items[data["tag"]] = "on_floor"

    def refunded(self, data: dict[str, Any]) -> None:
        if data["returned_to"] is not None:
            self.items[data["tag"]] = "on_floor" if data["returned_to"] == "floor" else "returned"

    def receipt_issued(self, data: dict[str, Any]) -> None:
        self.receipts[data["receipt"]] = {"total_minor": data["total_minor"], "refunded_minor": 0, "voided": False}

    def receipt_voided(self, data: dict[str, Any]) -> None:
        self.receipts[data["receipt"]]["voided"] = True

    def refund_paid(self, data: dict[str, Any]) -> None:
        self.receipts[data["receipt"]]["refunded_minor"] += data["amount_minor"]

    def payout_due(self, data: dict[str, Any]) -> None:
        self.payouts[data["payout"]] = {"amount_minor": data["amount_minor"], "status": "due"}

    def payout_paid(self, data: dict[str, Any]) -> None:
        self.payouts[data["payout"]]["status"] = "paid"

    def payout_ended(self, data: dict[str, Any]) -> None:
        self.payouts[data["payout"]]["status"] = data["status"]

    def conflict_recorded(self, data: dict[str, Any]) -> None:
        self.conflicts[data["conflict"]] = "open"

    def conflict_resolved(self, data: dict[str, Any]) -> None:
        assert self.conflicts[data["conflict"]] == "open"
        self.conflicts[data["conflict"]] = data["outcome"]

    def upload_quarantined(self, data: dict[str, Any]) -> None:
        self.quarantined[data["quarantine"]] = "waiting"

    def quarantine_ended(self, data: dict[str, Any]) -> None:
        self.quarantined[data["quarantine"]] = data["outcome"]

    def allowance_changed(self, data: dict[str, Any]) -> None:
        self.allowances[data["participation"]] = data["extra_items"]

    def vouchers_worth_more(self, data: dict[str, Any]) -> None:
        self.voucher_minor += data["amount_minor"]

    def vouchers_worth_less(self, data: dict[str, Any]) -> None:
        self.voucher_minor -= data["amount_minor"]


_STATUS = {
    "ItemListed": "listed",
    "ItemCheckedIn": "on_floor",
    "ItemAdmitted": "on_floor",
    "ItemRefused": "refused",
    "ItemWithdrawn": "withdrawn",
    "ItemCollected": "collected",
}
_HANDLERS: Mapping[str, Callable[[Integrator, dict[str, Any]], None]] = {
    "ItemSold": Integrator.sold,
    "ItemSaleVoided": Integrator.sale_voided,
    "ItemRefunded": Integrator.refunded,
    "ReceiptIssued": Integrator.receipt_issued,
    "ReceiptVoided": Integrator.receipt_voided,
    "RefundPaid": Integrator.refund_paid,
    "ConflictRecorded": Integrator.conflict_recorded,
    "ConflictResolved": Integrator.conflict_resolved,
    "UploadQuarantined": Integrator.upload_quarantined,
    "QuarantineEnded": Integrator.quarantine_ended,
    "AllowanceChanged": Integrator.allowance_changed,
    "VoucherIssued": Integrator.vouchers_worth_more,
    "VouchersCredited": Integrator.vouchers_worth_more,
    "VouchersRedeemed": Integrator.vouchers_worth_less,
    "VoucherEnded": Integrator.vouchers_worth_less,
    "PayoutDue": Integrator.payout_due,
    "PayoutPaid": Integrator.payout_paid,
    "PayoutEnded": Integrator.payout_ended,
}
