"""Which roles may use which endpoint. An endpoint without a rule does not start.

The first role of a rule that the account holds is the one it acts in, so the mightier role stands first.
"""

import re
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any

from litestar.types import ASGIApp, Receive, Scope, Send

from consign.http.exchange import Exchange, exchange_of
from consign.http.identity.tokens import Tokens
from consign.http.problems import Refusal
from consign.identity.caller import Caller
from consign.projections.reports.definitions import ALL as REPORTS

PLATFORM = "platform"
"""The reserved organization in which accounts and organizations themselves live."""

_EVERYTHING = frozenset((b"*/*",))
_SLUG = re.compile(r"[a-z0-9-]{2,40}")

ANYBODY: Sequence[str] = ()
"""No token is asked for."""

_OPERATOR = ("operator",)
_ORGANIZER = ("organizer",)
_DESK = ("organizer", "volunteer")
_ENTRY = ("organizer", "volunteer", "consignor")
_TILL = ("organizer", "cashier")
_STAFF = ("organizer", "cashier", "volunteer", "auditor")
_CONSIGNOR = ("consignor",)
_READERS = (*_STAFF, *_CONSIGNOR)
"""Consignors read what is their own: see `consign.http.ownership`."""
_MONEY = ("organizer", "auditor")
_AUDIT = ("auditor", "organizer")
_EVENTS = ("integrator", "organizer", "auditor")

_FLOOR_REPORTS = ("stock", "donations", "reconciliation", "work")
"""Reports that people on the floor work by; the others are about money."""


def _of_reports(names: Iterable[str]) -> Iterable[str]:
    return [f"report-{name}{form}" for name in names for form in ("", "-csv", "-pdf", "-trace")]


RULES: Mapping[str, Sequence[str]] = {
    "documentation": ANYBODY,
    "openapi": ANYBODY,
    "problem": ANYBODY,
    "problems": ANYBODY,
    "health": ANYBODY,
    "ready": ANYBODY,
    "metrics": ANYBODY,
    "jwks": ANYBODY,
    "openid-configuration": ANYBODY,
    "found-organization": _OPERATOR,
    "no-op": _TILL,
    "plan-sale": _ORGANIZER,
    "change-sale-settings": _ORGANIZER,
    "change-sale-phase": _ORGANIZER,
    "register-consignor": _DESK,
    "import-consignors": _ORGANIZER,
    "change-consignor-profile": _DESK,
    "change-consignor-terms": _ORGANIZER,
    "take-part": _CONSIGNOR,
    "accept-terms": _ENTRY,
    "withdraw-participation": _ENTRY,
    "reopen-participation": _ORGANIZER,
    "accept-place": _ENTRY,
    "move-up": _ORGANIZER,
    "invite-consignor": _ORGANIZER,
    "revoke-invitation": _ORGANIZER,
    "accept-invitation": _CONSIGNOR,
    "record-fee-payment": _ORGANIZER,
    "record-fee-refund": _ORGANIZER,
    "waive-fee": _ORGANIZER,
    "waive-late-fee": _ORGANIZER,
    "receive-fee": _TILL,
    "give-fee-back": _TILL,
    "grant-allowance": _ORGANIZER,
    "buy-lists": _ENTRY,
    "plan-shift": _ORGANIZER,
    "drop-shift": _ORGANIZER,
    "take-shift": _ENTRY,
    "give-up-shift": _ENTRY,
    "record-work": _DESK,
    "record-no-show": _DESK,
    "retract-work": _DESK,
    "plan-slot": _ORGANIZER,
    "drop-slot": _ORGANIZER,
    "choose-slot": _ENTRY,
    "give-up-slot": _ENTRY,
    "record-arrival": _DESK,
    "change-account-profile": _ENTRY,
    "forget-person": (*_ORGANIZER, *_CONSIGNOR),
    "import-items": _ENTRY,
    "import-shopify-products": _ENTRY,
    "import-terms": _ORGANIZER,
    "import-fee-payments": _ORGANIZER,
    "import-shifts": _ORGANIZER,
    "import-work": _ORGANIZER,
    "import-slots": _ORGANIZER,
    "import-slot-choices": _ORGANIZER,
    "import-item-changes": _ENTRY,
    "import-check-ins": _DESK,
    "list-item": _ENTRY,
    "save-draft": _ENTRY,
    "complete-drafts": _ENTRY,
    "discard-drafts": _ENTRY,
    "copy-items": _ENTRY,
    "change-item": _ENTRY,
    "change-items": _ENTRY,
    "change-wishes": _ENTRY,
    "arrange-photos": _ENTRY,
    "mark-tags-printed": _ENTRY,
    "mark-consignor-tags-printed": _ENTRY,
    "check-in-items": _DESK,
    "check-in-consignor": _DESK,
    "refuse-item": _DESK,
    "admit-refused-item": _DESK,
    "withdraw-items": _ENTRY,
    "undo-check-in": _DESK,
    "collect-items": _DESK,
    "collect-consignor": _DESK,
    "donate-items": _DESK,
    "donate-rest": _ORGANIZER,
    "miss-items": _DESK,
    "lose-items": _ORGANIZER,
    "find-items": _DESK,
    "count-shelf": _DESK,
    "compare-shelf-count": _DESK,
    "apply-shelf-count": _ORGANIZER,
    "drop-shelf-count": _ORGANIZER,
    "open-session": _TILL,
    "scan": _TILL,
    "remove-line": _TILL,
    "discount-line": _TILL,
    "override-price": _ORGANIZER,
    "discount-basket": _TILL,
    "add-manual-line": _TILL,
    "match-manual-line": _ORGANIZER,
    "credit-manual-line": _ORGANIZER,
    "keep-manual-line": _ORGANIZER,
    "abandon-basket": _TILL,
    "suspend-basket": _TILL,
    "recall-basket": _TILL,
    "pay": _TILL,
    "void-receipt": _TILL,
    "refund-receipt": _TILL,
    "move-cash": _TILL,
    "hand-over-session": _TILL,
    "send-cash": _TILL,
    "receive-cash": _TILL,
    "take-cash-back": _TILL,
    "sell-voucher": _TILL,
    "take-voucher-back": _TILL,
    "grant-voucher": _ORGANIZER,
    "close-session": _TILL,
    "upload-offline-sales": _TILL,
    "report-unsynced": _TILL,
    "accept-conflict": _ORGANIZER,
    "repair-quarantined": _ORGANIZER,
    "discard-quarantined": _ORGANIZER,
    "freeze-settlement": _ORGANIZER,
    "issue-supplements": _ORGANIZER,
    "reopen-settlement": _ORGANIZER,
    "adjust-consignor": _ORGANIZER,
    "bring-balance-forward": _ORGANIZER,
    "pledge-proceeds": _ENTRY,
    "pay-charity": _ORGANIZER,
    "change-payout-details": (*_ORGANIZER, *_CONSIGNOR),
    "get-payout-details": (*_ORGANIZER, *_CONSIGNOR),
    "prepare-payouts": _ORGANIZER,
    "drop-payout-batch": _ORGANIZER,
    "send-payout-batch": _ORGANIZER,
    "confirm-payouts": _ORGANIZER,
    "payout-batch-file": _ORGANIZER,
    "pay-out-in-cash": _TILL,
    "return-payout": _ORGANIZER,
    "leave-payout-uncollected": _ORGANIZER,
    "reissue-payout": _ORGANIZER,
    "carry-payout": _ORGANIZER,
    "forfeit-payouts": _ORGANIZER,
    "list-settlements": _MONEY,
    "get-settlement": _MONEY,
    "list-statements": _MONEY,
    "get-statement": (*_MONEY, "consignor"),
    "statement-csv": (*_MONEY, "consignor"),
    "list-adjustments": _MONEY,
    "list-payouts": (*_MONEY, "cashier"),
    "get-payout": (*_MONEY, "cashier", "consignor"),
    "list-payout-batches": _MONEY,
    "get-payout-batch": _MONEY,
    "forget-consignor": _ORGANIZER,
    "list-reports": _STAFF,
    **dict.fromkeys(_of_reports(REPORTS), _MONEY),
    **dict.fromkeys(_of_reports(_FLOOR_REPORTS), _STAFF),
    "list-sales": _READERS,
    "get-sale": _READERS,
    "list-tills": _STAFF,
    "list-consignors": _STAFF,
    "get-consignor": _READERS,
    "list-participations": _READERS,
    "get-participation": _READERS,
    "list-participation-items": _READERS,
    "list-participation-drafts": _READERS,
    "list-participation-shifts": _READERS,
    "list-participation-statements": (*_MONEY, "consignor"),
    "list-participation-payouts": (*_MONEY, "cashier", "consignor"),
    "list-shifts": _READERS,
    "list-work": _STAFF,
    "list-participation-slots": _READERS,
    "list-slots": _READERS,
    "list-bookings": _STAFF,
    "list-late": _STAFF,
    "list-items": _STAFF,
    "get-item": _STAFF,
    "list-drafts": _STAFF,
    "get-draft": _STAFF,
    "list-sessions": _STAFF,
    "get-session": _STAFF,
    "list-transfers": _STAFF,
    "list-vouchers": _MONEY,
    "get-voucher": (*_TILL, "auditor"),
    "list-baskets": _STAFF,
    "get-basket": _STAFF,
    "list-receipts": _STAFF,
    "get-receipt": _STAFF,
    "list-refunds": _STAFF,
    "catalogue": _STAFF,
    "list-conflicts": _STAFF,
    "get-conflict": _STAFF,
    "list-offline-sales": _STAFF,
    "list-quarantine": _MONEY,
    "get-quarantined": _MONEY,
    "get-quarantined-bytes": _MONEY,
    "list-manual-lines": _STAFF,
    "get-manual-line": _STAFF,
    "commission-totals": _MONEY,
    "settlement-preview": _MONEY,
    "books": _MONEY,
    "postings": _MONEY,
    "stream-history": _AUDIT,
    "stream-difference": _AUDIT,
    "stream-events": _AUDIT,
    "item-changes": _AUDIT,
    "participation-changes": _AUDIT,
    "read-model-history": _AUDIT,
    "read-model-difference": _AUDIT,
    "public-events": _EVENTS,
    "live": _STAFF,
    "list-label-sheets": _ENTRY,
    "print-tags": _ENTRY,
    "print-calibration": _ENTRY,
    "print-receipt": _STAFF,
    "print-session": _STAFF,
    "print-drop-off": (*_STAFF, "consignor"),
    "print-pick-up": _STAFF,
    "print-donations": _STAFF,
    "print-statement-previews": (*_MONEY, "consignor"),
    "print-statement": (*_MONEY, "consignor"),
    "print-statements": (*_MONEY, "consignor"),
    "print-payouts": _MONEY,
    "print-payout-batch": _MONEY,
}


class EndpointWithoutRuleError(Exception):
    """An endpoint has no rule, or a rule no endpoint: nobody has decided who may use it."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(f"rules and endpoints do not match: {', '.join(sorted(names))}")


class Access:
    """Stands before every route's handler, as a middleware: Litestar's guards copy the handler for each request."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def before(self, app: ASGIApp) -> ASGIApp:
        """Return the application that asks first."""

        async def admitted(scope: Scope, receive: Receive, send: Send) -> None:
            asking = self.check(scope)
            if asking is not None:
                await asking
            await app(scope, receive, send)

        return admitted

    def check(self, scope: Any) -> Awaitable[None] | None:
        """Let the request through or raise Refusal; what is let through has an account and a role on its exchange.

        A caller who was seen before is let through without waiting; else what is returned must be awaited first.
        """
        options = scope["route_handler"].opt
        roles = RULES.get(options.get("rule"))
        if roles is None:
            return None  # the router's own answer to OPTIONS
        exchange = exchange_of(scope)
        accept = exchange.headers.get(b"accept", b"*/*")
        if accept not in _EVERYTHING:
            check_acceptable(accept.decode("latin-1"), options["endpoint"].answer_types)
        if roles is ANYBODY:
            return None
        organization = scope["path_params"].get("organization", PLATFORM)
        caller = self._tokens.seen(exchange.headers, exchange.peer)
        if caller is None:
            return self.admit(exchange, organization, roles)
        _let_in(exchange, caller, organization, roles)
        return None

    async def admit(self, exchange: Exchange, organization: str, roles: Sequence[str]) -> None:
        """Find out who asks and in which role; raises Refusal. May be asked again while a connection lasts."""
        _let_in(exchange, await self._tokens.caller(exchange.headers, exchange.peer), organization, roles)


def _let_in(exchange: Exchange, caller: Caller, organization: str, roles: Sequence[str]) -> None:
    exchange.caller = caller
    held = caller.roles.get(organization) if caller.reaches(organization) else None
    if not held or not _SLUG.fullmatch(organization):
        if organization == PLATFORM:
            raise Refusal("forbidden", "Only operators of the platform may do this.")
        raise unknown_organization()
    exchange.organization = organization
    for role in roles:
        if role in held:
            exchange.role = role
            return
    raise Refusal("forbidden", f"This needs one of the roles {', '.join(roles)}.")


def check_acceptable(accept: str, answer_types: Sequence[str]) -> None:
    """Refuse a client that wants none of what can be sent; how much it would like each is left aside."""
    sent = {"*/*", *answer_types, *(f"{each.partition('/')[0]}/*" for each in answer_types)}
    for wanted in accept.split(","):
        name, *parameters = (part.strip().lower() for part in wanted.split(";"))
        if name in sent and "q=0" not in parameters:
            return
    raise Refusal("not_acceptable", f"The answer is {' or '.join(answer_types)}.")


def unknown_organization() -> Refusal:
    """Say the same of an organization that does not exist and of one that the caller has no business in."""
    return Refusal("unknown_organization", "There is no organization of this name, or none that you belong to.")
