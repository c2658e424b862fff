"""The policy said a second time, by hand and in few words: where the table says otherwise, one of the two is wrong.

A line is a method and the path of an endpoint below its organization, `*` standing for anything.
"""

import re
from collections.abc import Mapping, Sequence

from consign.domain.values import Role, Scope

type Line = tuple[str, Scope]

_EVERYTHING_READ: Sequence[Line] = (("GET *", "all"),)
_OWN_MEMBERSHIP: Sequence[Line] = (("GET /memberships/{account}", "own"), ("POST /memberships/{account}/end", "own"))
_FLOOR: Sequence[Line] = tuple(
    (f"GET {path}", "all")
    for path in (
        *(
            "/organization",
            "/sales",
            "/sales/{sale}",
            "/sales/{sale}/tills",
            "/sales/{sale}/shifts",
            "/sales/{sale}/work",
        ),
        *("/sales/{sale}/slots", "/sales/{sale}/bookings", "/sales/{sale}/late", "/sales/{sale}/catalogue"),
        *("/sales/{sale}/drafts", "/sales/{sale}/drafts/{draft}", "/sales/{sale}/offline-sales"),
        *(
            "/sales/{sale}/receipts/*",
            "/sales/{sale}/scanned-receipt",
            "/sales/{sale}/donation-lists",
            "/receipts",
            "/refunds",
            "/transfers",
            "/baskets",
            "/baskets/{basket}",
        ),
        *("/payments", "/sales/{sale}/payments/{payment}"),
        *("/items", "/items/{tag}", "/consignors", "/consignors/{account}", "/conflicts", "/conflicts/{conflict}"),
        *("/manual-lines", "/manual-lines/{line}", "/live", "/participations", "/participations/{participation}"),
        *(f"/participations/{{participation}}/{what}" for what in ("items", "drafts", "shifts", "slots")),
        *("/sales/{sale}/drop-off.pdf", "/sales/{sale}/pick-up.pdf", "/sales/{sale}/donations.pdf"),
        *("/sales/{sale}/reports", "/sales/{sale}/desk", "/sales/{sale}/desk.pdf"),
        *(f"/sales/{{sale}}/reports/{name}*" for name in ("stock", "donations", "reconciliation", "work")),
    )
)
_TICKETS: Sequence[Line] = (("POST /live/tickets", "all"),)
_OWN_PIN: Sequence[Line] = (("POST /memberships/{account}/set-pin", "own"), ("POST /devices/{device}/sign-out", "all"))
_SESSIONS = ("GET /sessions", "GET /sessions/{session}", "GET /sessions/{session}/report.pdf")
_LABELS = ("GET /label-sheets", "GET /sales/{sale}/calibration.pdf")
_ENTRY = (
    *(f"POST /participations/{{participation}}/{what}" for what in ("accept-place", "accept-terms", "buy-lists")),
    *(f"POST /participations/{{participation}}/{what}" for what in ("withdraw", "pledge-proceeds")),
    *(f"POST /sales/{{sale}}/{what}" for what in ("arrange-photos", "change-items", "change-wishes", "copy-items")),
    *(f"POST /sales/{{sale}}/{what}" for what in ("complete-drafts", "discard-drafts", "withdraw-items")),
    *(f"POST /sales/{{sale}}/{what}" for what in ("mark-tags-printed", "mark-consignor-tags-printed")),
    *(f"POST /sales/{{sale}}/import-{what}" for what in ("items", "item-changes", "shopify-products")),
    *("POST /sales/{sale}/drafts/{draft}/*", "POST /sales/{sale}/items/{tag}/change"),
    *("POST /sales/{sale}/shifts/{shift}/take", "POST /sales/{sale}/shifts/{shift}/give-up"),
    *("POST /sales/{sale}/slots/{slot}/choose", "POST /sales/{sale}/slots/{slot}/give-up"),
    "POST /consignors/{account}/change-profile",
)

STATEMENT: Mapping[Role, Sequence[Line]] = {
    "auditor": (*_EVERYTHING_READ, *_TICKETS),
    "integrator": (
        ("GET /events", "all"),
        ("GET /sales/{sale}/catalogue", "all"),
        ("GET /sales/{sale}/payments/{payment}", "all"),
        ("POST /sessions/{session}/payments/{payment}/approve", "all"),
        ("POST /sessions/{session}/payments/{payment}/decline", "all"),
        ("POST /sales/{sale}/payments/{payment}/record-refund", "all"),
    ),
    "shopper": _OWN_MEMBERSHIP,
    "device": (
        ("GET /pins", "all"),
        ("GET /devices/{device}/verifiers", "all"),
        ("POST /devices/{device}/sign-in", "all"),
    ),
    "cashier": (
        *_FLOOR,
        *_TICKETS,
        *_OWN_PIN,
        *_OWN_MEMBERSHIP,
        *((line, "own_session") for line in _SESSIONS),
        ("POST /sessions/*", "own_session"),
        ("POST /sales/{sale}/offline-sales", "own_session"),
        ("POST /sales/{sale}/receipts/{receipt}/mail", "own_session"),
        ("POST /no-op", "all"),
        ("POST /sales/{sale}/vouchers/{voucher}/block", "all"),
        ("GET /payouts", "all"),
        ("GET /sales/{sale}/payouts/{payout}", "all"),
        ("GET /participations/{participation}/payouts", "all"),
        ("GET /sales/{sale}/vouchers/{voucher}", "all"),
    ),
    "volunteer": (
        *_FLOOR,
        *_TICKETS,
        *_OWN_PIN,
        *_OWN_MEMBERSHIP,
        *((line, "all") for line in (*_SESSIONS, *_LABELS, *_ENTRY)),
        ("GET /sales/{sale}/tags.pdf", "all"),
        ("POST /participations/{participation}/register", "all"),
        ("POST /participations/{participation}/change-profile", "all"),
        *((f"POST /sales/{{sale}}/{what}-items", "all") for what in ("check-in", "collect", "donate", "miss", "find")),
        *((f"POST /sales/{{sale}}/{what}-consignor", "all") for what in ("check-in", "collect")),
        *((f"POST /sales/{{sale}}/items/{{tag}}/{what}", "all") for what in ("admit", "refuse")),
        *((f"POST /sales/{{sale}}/shelf-counts/{{count}}/{what}", "all") for what in ("scan", "compare")),
        *((f"POST /sales/{{sale}}/shifts/{{shift}}/re{what}", "all") for what in ("cord-*", "tract-work")),
        *((f"POST /sales/{{sale}}/{what}", "all") for what in ("undo-check-in", "record-arrival", "import-check-ins")),
    ),
    "consignor": (
        *_OWN_MEMBERSHIP,
        *((line, "all") for line in _LABELS),
        ("GET /organization", "all"),
        *((f"GET /sales{below}", "all") for below in ("", "/{sale}", "/{sale}/shifts", "/{sale}/slots")),
        *((line, "own") for line in _ENTRY),
        ("GET /consignors/{account}", "own"),
        ("GET /consignors/{account}/personal-data*", "own"),
        ("GET /participations/{participation}/personal-data*", "own"),
        ("POST /consignors/{account}/forget", "own"),
        ("GET /participations", "own"),
        ("GET /participations/{participation}", "own"),
        *((f"GET /participations/{{participation}}/{what}", "own") for what in ("items", "drafts", "shifts", "slots")),
        *((f"GET /participations/{{participation}}/{what}", "own") for what in ("payouts", "statements")),
        ("*/participations/{participation}/*payout-details", "own"),
        ("POST /participations/{participation}/take-part", "own"),
        ("POST /sales/{sale}/accept-invitation", "own"),
        ("GET /sales/{sale}/payouts/{payout}", "own"),
        ("GET /sales/{sale}/statement*", "own"),
        *((f"GET /sales/{{sale}}/{what}.pdf", "own") for what in ("tags", "drop-off")),
    ),
}

_NOT_AN_ORGANIZERS = (
    "POST /participations/{participation}/take-part",
    "POST /sales/{sale}/accept-invitation",
    "POST /join",
    "POST /accept-invitation",
    "POST /devices/{device}/sign-in",
    "GET /devices/{device}/verifiers",
)
"""What people or machines do for themselves, and nobody for them."""
_OF_NO_AUDITOR = ("GET /pins", "GET /devices/{device}/verifiers")

_ORGANIZERS_OWN = ("POST /memberships/{account}/set-pin",)
_OF_ANYBODY_SIGNED_IN = ("POST /join", "POST /accept-invitation")
_PINS = ("POST /memberships/{account}/set-pin", "POST /memberships/{account}/take-pin")
"""For devices, of which the platform has none."""
_ON_THE_PLATFORM = (
    *("*/memberships", "*/memberships/*", "*/member-invitations", "*/member-invitations/*"),
    *("GET /audit", "GET /audit.csv", "GET /audit/checkpoint"),
)


def stated(role: Role, method: str, path: str) -> Scope | None:
    """Return how far the role reaches at this endpoint of an organization; None: not at all."""
    said = f"{method} {path}"
    if role == "guest":
        return "all" if _is_one_of(said, _OF_ANYBODY_SIGNED_IN) else None
    if role == "organizer":
        if _is_one_of(said, _ORGANIZERS_OWN):
            return "own"
        return None if _is_one_of(said, _NOT_AN_ORGANIZERS) else "all"
    if role == "auditor" and _is_one_of(said, _OF_NO_AUDITOR):
        return None
    if role == "operator":
        of_the_platform = _is_one_of(said, _ON_THE_PLATFORM) and not _is_one_of(said, _PINS)
        return "all" if of_the_platform else None
    for line, scope in STATEMENT.get(role, ()):
        if _is_one_of(said, (line,)):
            return scope
    return None


def _is_one_of(said: str, lines: Sequence[str]) -> bool:
    return any(re.fullmatch(re.escape(line).replace(r"\*", ".*"), said) for line in lines)
