"""The policy: which roles may use which endpoint, and how far each reaches. An endpoint without a rule does not start.

The first grant of a rule whose role the account holds is the one it acts by, so the mightier role stands first. What
the table says in words is in `docs/policy.md`, made from it.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal, NamedTuple

from consign.domain.values import Role, Scope
from consign.projections.reports.definitions import ALL as REPORTS


class Grant(NamedTuple):
    """A role, and how far it reaches by this rule: `all` of the organization, or what is its account's `own`.

    `own_session`: tills at which the account itself stands. Where nothing belongs to a single account (what everybody
    of the organization may see) a grant says `all`.
    """

    role: Role
    scope: Scope = "all"


type Rule = tuple[Grant, ...]

ANYBODY: Rule = ()
"""No token is asked for."""

_CASHIER_ALL = Grant("cashier")
_CASHIER = Grant("cashier", "own_session")
_CONSIGNOR_ALL = Grant("consignor")
_CONSIGNOR_OWN = Grant("consignor", "own")
_AUDITOR = (Grant("auditor"),)

_SIGNED_IN = (Grant("guest"),)
"""Whoever has shown who they are, member or not."""
_OWN_SESSIONS = (Grant("guest", "own"),)
"""The same, and also in a session that is for one organization alone: it sees and ends those for this one."""
_OPERATOR = (Grant("operator"),)
_DEVICE = (Grant("device"),)
"""A machine itself, whoever stands at it."""
_ORGANIZER = (Grant("organizer"),)
_LEADERS = (*_ORGANIZER, *_OPERATOR)
"""Organizers in an organization; on the platform itself, where there are none, its operators."""
_DESK = (*_ORGANIZER, Grant("volunteer"))
_ENTRY = (*_DESK, _CONSIGNOR_OWN)
_TILL = (*_ORGANIZER, _CASHIER)
_PROVIDER_REFUNDS = (*_ORGANIZER, Grant("integrator"))
"""What a provider did with money without a shopper at a till: organizers read it there, or a machine tells it."""
_PROVIDER_ANSWERS = (*_PROVIDER_REFUNDS, _CASHIER)
"""What a provider answers: a machine tells it, or whoever stands at the till reads it off the provider's device."""
_CONSIGNOR = (_CONSIGNOR_OWN,)
_STAFF = (*_ORGANIZER, _CASHIER_ALL, Grant("volunteer"), *_AUDITOR)
_STAFF_AT_THEIR_TILLS = (*_ORGANIZER, _CASHIER, Grant("volunteer"), *_AUDITOR)
_READERS = (*_STAFF, _CONSIGNOR_ALL)
_OWN_READERS = (*_STAFF, _CONSIGNOR_OWN)
_MONEY = (*_ORGANIZER, *_AUDITOR)
_OWN_MONEY = (*_MONEY, _CONSIGNOR_OWN)
_EVENTS = (Grant("integrator"), *_MONEY)
_OWN_MEMBERSHIP = (
    Grant("cashier", "own"),
    Grant("volunteer", "own"),
    Grant("consignor", "own"),
    Grant("shopper", "own"),
)

_FLOOR_REPORTS = ("stock", "donations", "reconciliation", "work")
"""Reports that people on the floor work by; the others are about money."""


def _of_reports(names: Iterable[str]) -> Iterable[str]:
    return [f"report-{name}{form}" for name in names for form in ("", "-csv", "-pdf", "-trace")]


RULES: Mapping[str, Rule] = {
    "documentation": ANYBODY,
    "openapi": ANYBODY,
    "problem": ANYBODY,
    "problems": ANYBODY,
    "health": ANYBODY,
    "ready": ANYBODY,
    "metrics": ANYBODY,
    "jwks": ANYBODY,
    "openid-configuration": ANYBODY,
    "clerk-webhook": ANYBODY,
    "outbox": ANYBODY,
    "sign-in-page": ANYBODY,
    "shared-receipt": ANYBODY,
    "shared-receipt-pdf": ANYBODY,
    "ask-for-link": ANYBODY,
    "redeem-link": ANYBODY,
    "redeem-code": ANYBODY,
    "sign-in-by-password": ANYBODY,
    "begin-with-issuer": ANYBODY,
    "finish-with-issuer": ANYBODY,
    "refresh-session": ANYBODY,
    "list-own-sessions": _OWN_SESSIONS,
    "change-password": _SIGNED_IN,
    "sign-out": _OWN_SESSIONS,
    "sign-out-session": _OWN_SESSIONS,
    "sign-out-everywhere": _OWN_SESSIONS,
    "list-ways": _SIGNED_IN,
    "ask-to-add-address": _SIGNED_IN,
    "add-address": _SIGNED_IN,
    "begin-adding-issuer": _SIGNED_IN,
    "add-issuer": _SIGNED_IN,
    "remove-way": _SIGNED_IN,
    "delete-account": _SIGNED_IN,
    "delete-account-of": _OPERATOR,
    "found-organization": _OPERATOR,
    "join": _SIGNED_IN,
    "accept-member-invitation": _SIGNED_IN,
    "grant-roles": _LEADERS,
    "end-membership": (*_LEADERS, *_OWN_MEMBERSHIP),
    "change-joining": _ORGANIZER,
    "invite-member": _LEADERS,
    "revoke-member-invitation": _LEADERS,
    "issue-nats-credentials": _ORGANIZER,
    "revoke-nats-credentials": _ORGANIZER,
    "list-nats-credentials": _MONEY,
    "add-domain": _ORGANIZER,
    "verify-domain": _ORGANIZER,
    "remove-domain": _ORGANIZER,
    "list-domains": _MONEY,
    "change-origins": _ORGANIZER,
    "rename-organization": _ORGANIZER,
    "list-origins": _MONEY,
    "list-memberships": (*_LEADERS, *_AUDITOR),
    "get-membership": (*_LEADERS, *_AUDITOR, *_OWN_MEMBERSHIP),
    "list-member-invitations": (*_LEADERS, *_AUDITOR),
    "invite-device": _ORGANIZER,
    "enrol-device": ANYBODY,
    "rename-device": _ORGANIZER,
    "revoke-device": _ORGANIZER,
    "list-devices": _MONEY,
    "set-pin": (Grant("organizer", "own"), Grant("cashier", "own"), Grant("volunteer", "own")),
    "take-pin": _ORGANIZER,
    "list-pins": (*_ORGANIZER, *_DEVICE),
    "sign-in-at-device": _DEVICE,
    "sign-out-at-device": (*_DESK, _CASHIER_ALL),
    "list-pin-verifiers": _DEVICE,
    "create-api-key": _ORGANIZER,
    "revoke-api-key": _ORGANIZER,
    "list-api-keys": _MONEY,
    "no-op": (*_ORGANIZER, _CASHIER_ALL),
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
    "forget-person": (*_ORGANIZER, _CONSIGNOR_OWN),
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
    "close-donations": _ORGANIZER,
    "reopen-donations": _ORGANIZER,
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
    "override-price": _TILL,
    "discount-basket": _TILL,
    "add-manual-line": _TILL,
    "match-manual-line": _ORGANIZER,
    "credit-manual-line": _ORGANIZER,
    "keep-manual-line": _ORGANIZER,
    "abandon-basket": _TILL,
    "suspend-basket": _TILL,
    "recall-basket": _TILL,
    "pay": _TILL,
    "begin-paying": _TILL,
    "take-tenders": _TILL,
    "request-payment": _TILL,
    "cancel-payment": _TILL,
    "cancel-paying": _TILL,
    "approve-payment": _PROVIDER_ANSWERS,
    "decline-payment": _PROVIDER_ANSWERS,
    "record-payment-refund": _PROVIDER_REFUNDS,
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
    "cash-out-voucher": _TILL,
    "block-voucher": (*_ORGANIZER, _CASHIER_ALL),
    "unblock-voucher": _ORGANIZER,
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
    "change-payout-details": (*_ORGANIZER, _CONSIGNOR_OWN),
    "get-payout-details": _OWN_MONEY,
    "prepare-payouts": _ORGANIZER,
    "drop-payout-batch": _ORGANIZER,
    "send-payout-batch": _ORGANIZER,
    "confirm-payouts": _ORGANIZER,
    "payout-batch-file": _MONEY,
    "pay-out-in-cash": _TILL,
    "return-payout": _ORGANIZER,
    "leave-payout-uncollected": _ORGANIZER,
    "reissue-payout": _ORGANIZER,
    "carry-payout": _ORGANIZER,
    "forfeit-payouts": _ORGANIZER,
    "list-settlements": _MONEY,
    "get-settlement": _MONEY,
    "list-statements": _MONEY,
    "get-statement": _OWN_MONEY,
    "statement-csv": _OWN_MONEY,
    "list-adjustments": _MONEY,
    "list-payouts": (*_MONEY, _CASHIER_ALL),
    "get-payout": (*_MONEY, _CASHIER_ALL, _CONSIGNOR_OWN),
    "list-payout-batches": _MONEY,
    "get-payout-batch": _MONEY,
    "forget-consignor": _ORGANIZER,
    "list-reports": _STAFF,
    **dict.fromkeys(_of_reports(REPORTS), _MONEY),
    **dict.fromkeys(_of_reports(_FLOOR_REPORTS), _STAFF),
    "get-organization": _READERS,
    "list-sales": _READERS,
    "get-sale": _READERS,
    "list-tills": _STAFF,
    "list-consignors": _STAFF,
    "get-consignor": _OWN_READERS,
    "get-personal-data": _OWN_MONEY,
    "get-personal-data-zip": _OWN_MONEY,
    "get-personal-data-of": _OWN_MONEY,
    "get-personal-data-of-zip": _OWN_MONEY,
    "list-participations": _OWN_READERS,
    "get-participation": _OWN_READERS,
    "list-participation-items": _OWN_READERS,
    "list-participation-drafts": _OWN_READERS,
    "list-participation-shifts": _OWN_READERS,
    "list-participation-statements": _OWN_MONEY,
    "list-participation-payouts": (*_MONEY, _CASHIER_ALL, _CONSIGNOR_OWN),
    "list-shifts": _READERS,
    "list-work": _STAFF,
    "list-participation-slots": _OWN_READERS,
    "list-slots": _READERS,
    "list-bookings": _STAFF,
    "list-late": _STAFF,
    "list-donation-lists": _STAFF,
    "desk-summary": _STAFF,
    "list-items": _STAFF,
    "get-item": _STAFF,
    "list-drafts": _STAFF,
    "get-draft": _STAFF,
    "list-sessions": _STAFF_AT_THEIR_TILLS,
    "get-session": _STAFF_AT_THEIR_TILLS,
    "list-transfers": _STAFF,
    "list-vouchers": _MONEY,
    "get-voucher": (*_MONEY, _CASHIER_ALL),
    "list-payments": _STAFF,
    "get-payment": (Grant("integrator"), *_STAFF),
    "list-baskets": _STAFF,
    "get-basket": _STAFF,
    "list-receipts": _STAFF,
    "get-receipt": _STAFF,
    "get-receipt-link": _STAFF,
    "find-receipt": _STAFF,
    "list-refunds": _STAFF,
    "catalogue": (*_STAFF, Grant("integrator")),
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
    "stream-history": _MONEY,
    "stream-difference": _MONEY,
    "stream-events": _MONEY,
    "item-changes": _MONEY,
    "participation-changes": _MONEY,
    "read-model-history": _MONEY,
    "read-model-difference": _MONEY,
    "audit": (*_LEADERS, *_AUDITOR),
    "audit-csv": (*_LEADERS, *_AUDITOR),
    "audit-checkpoint": (*_LEADERS, *_AUDITOR),
    "record-export": _ORGANIZER,
    "public-events": _EVENTS,
    "live": _STAFF,
    "buy-live-ticket": _STAFF,
    "list-label-sheets": (*_DESK, *_AUDITOR, _CONSIGNOR_ALL),
    "print-tags": (*_DESK, *_AUDITOR, _CONSIGNOR_OWN),
    "print-calibration": (*_DESK, *_AUDITOR, _CONSIGNOR_ALL),
    "print-receipt": _STAFF,
    "mail-receipt": _TILL,
    "print-session": _STAFF_AT_THEIR_TILLS,
    "print-desk-slip": _STAFF,
    "print-drop-off": _OWN_READERS,
    "print-pick-up": _STAFF,
    "print-donations": _STAFF,
    "print-statement-previews": _OWN_MONEY,
    "print-statement": _OWN_MONEY,
    "print-statements": _OWN_MONEY,
    "print-payouts": _MONEY,
    "print-payout-batch": _MONEY,
}

SignUp = Literal["operators", "anyone"]
"""Who may found an organization in this installation."""

SIGN_UP_RULES: Mapping[str, Rule] = {"found-organization": (*_OPERATOR, *_SIGNED_IN)}
"""What is ruled otherwise where anyone may found an organization."""

_ON_THE_FLOOR = frozenset(("cashier", "volunteer"))


@cache
def is_done_at_devices(rule: Rule) -> bool:
    """Whether whoever signed in by PIN may do it, in whichever role: what cashiers or volunteers do for others, too.

    A PIN is seen over a shoulder. What leads an organization takes signing in as oneself.
    """
    return any(grant.role in _ON_THE_FLOOR and grant.scope != "own" for grant in rule)


_SCOPES: Mapping[Scope, str] = {
    "all": "",
    "own": " (what is the account's own)",
    "own_session": " (tills at which the account stands)",
}


def in_words(grant: Grant) -> str:
    """Say a grant as the documents do."""
    return f"{'everybody who is signed in' if grant.role == 'guest' else grant.role}{_SCOPES[grant.scope]}"


class EndpointWithoutRuleError(Exception):
    """An endpoint has no rule, or a rule no endpoint: nobody has decided who may use it."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(f"rules and endpoints do not match: {', '.join(sorted(names))}")
