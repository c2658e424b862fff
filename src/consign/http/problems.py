"""Everything that can go wrong for a client, in one closed table, and the documents that tell of it (RFC 9457)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from consign.domain.rejection import Reason, RowReason

PROBLEM_TYPE = "application/problem+json"
ERRORS_MAX = 1000


class Kind(NamedTuple):
    """What a reason means: the status it is sent with, its title, and whether the same request may succeed later."""

    status: int
    title: str
    retryable: bool = False


class Problem(Struct, frozen=True):
    """A problem document. `errors` name single fields, parameters or rows."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    reason: str
    retryable: bool
    errors: Sequence[Mapping[str, Any]] = ()


class Refusal(Exception):
    """The request ends here, for a reason of the table."""

    def __init__(
        self,
        reason: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})


def error(pointer: str, reason: str, detail: str) -> Mapping[str, Any]:
    """Name what is wrong with one field (a JSON pointer into the body), parameter or row."""
    return {"pointer": pointer, "reason": reason, "detail": detail}


def document(refusal: Refusal, instance: str) -> Problem:
    """Write the document for a refusal; a reason outside the table is a defect and raises KeyError."""
    kind = REASONS[refusal.reason]
    return Problem(
        type=f"/problems/{refusal.reason}",
        title=kind.title,
        status=kind.status,
        detail=refusal.detail,
        instance=instance,
        reason=refusal.reason,
        retryable=kind.retryable,
        errors=tuple(refusal.errors[:ERRORS_MAX]),
    )


def encode(refusal: Refusal, instance: str) -> tuple[int, bytes]:
    """Return status and body of the problem document."""
    problem = document(refusal, instance)
    return problem.status, msgspec.json.encode(problem)


def unknown_organization() -> Refusal:
    """Say the same of an organization that does not exist and of one that the caller has no business in."""
    return Refusal("unknown_organization", "There is no organization of this name, or none that you belong to.")


_OF_THE_BUSINESS: Mapping[Reason, Kind] = {
    Reason.UNKNOWN_ORGANIZATION: Kind(404, "There is no such organization"),
    Reason.UNKNOWN_SALE: Kind(404, "There is no such sale"),
    Reason.UNKNOWN_PARTICIPATION: Kind(404, "There is no such participation"),
    Reason.UNKNOWN_CONSIGNOR: Kind(404, "The sale has no consignor with this number"),
    Reason.UNKNOWN_SESSION: Kind(404, "There is no such sale session"),
    Reason.UNKNOWN_BASKET: Kind(404, "There is no such basket"),
    Reason.UNKNOWN_RECEIPT: Kind(404, "There is no such receipt"),
    Reason.UNKNOWN_TAG: Kind(404, "The sale has no item with this tag"),
    Reason.UNKNOWN_CATEGORY: Kind(422, "The sale has no such category"),
    Reason.LINE_RESOLVED: Kind(409, "It is known already whose the line is"),
    Reason.UNKNOWN_LINE: Kind(404, "The basket or receipt has no such line"),
    Reason.WRONG_PHASE: Kind(409, "The sale is in another phase"),
    Reason.PRESALE_CLOSED: Kind(409, "It is not this group's time to shop"),
    Reason.WRONG_CURRENCY: Kind(422, "The amount is in another currency"),
    Reason.UNKNOWN_CURRENCY: Kind(422, "There is no such currency"),
    Reason.UNKNOWN_TIER: Kind(422, "The sale has no such tier"),
    Reason.LIMIT_EXCEEDED: Kind(422, "A limit is exceeded"),
    Reason.SETTINGS_INVALID: Kind(422, "The settings contradict each other"),
    Reason.ORGANIZATION_EXISTS: Kind(409, "The organization exists already"),
    Reason.UNKNOWN_INTEGRATOR: Kind(404, "The organization has no such integrator"),
    Reason.UNKNOWN_DOMAIN: Kind(404, "The organization has no such domain"),
    Reason.UNKNOWN_MEMBER: Kind(404, "Nobody with this account is a member"),
    Reason.LAST_ORGANIZER: Kind(409, "Somebody must lead"),
    Reason.ROLE_NOT_HERE: Kind(422, "The role is none that is granted here"),
    Reason.JOINING_CLOSED: Kind(409, "One becomes a member by invitation only"),
    Reason.UNKNOWN_DEVICE: Kind(404, "There is no such device"),
    Reason.DEVICE_ENROLLED: Kind(409, "A machine is this device already"),
    Reason.DEVICE_REVOKED: Kind(409, "The device was revoked"),
    Reason.UNKNOWN_API_KEY: Kind(404, "There is no such key"),
    Reason.API_KEY_EXISTS: Kind(409, "A key with this id was made before"),
    Reason.ENROLMENT_OVER: Kind(409, "The device is not being enrolled"),
    Reason.SALE_EXISTS: Kind(409, "The sale exists already"),
    Reason.SALE_NUMBER_TAKEN: Kind(409, "Another sale has this number"),
    Reason.COMMISSION_IN_USE: Kind(409, "Items were sold under these terms"),
    Reason.CONSIGNOR_NUMBER_TAKEN: Kind(409, "Another consignor has this number"),
    Reason.PARTICIPATION_EXISTS: Kind(409, "The participation exists already"),
    Reason.UNKNOWN_ACCOUNT: Kind(404, "Nobody with this account is known here"),
    Reason.PERSON_FORGOTTEN: Kind(410, "The person was forgotten"),
    Reason.PROFILE_OF_ACCOUNT: Kind(409, "The profile is that of an account"),
    Reason.ALREADY_TAKING_PART: Kind(409, "The account takes part already"),
    Reason.NOT_REGISTERED: Kind(409, "The participation has no place yet"),
    Reason.PARTICIPATION_ENDED: Kind(409, "The participation ended"),
    Reason.ITEMS_BROUGHT: Kind(409, "The consignor's things are at the sale"),
    Reason.TERMS_NOT_ACCEPTED: Kind(409, "The present terms are not accepted"),
    Reason.REFERRAL_INVALID: Kind(422, "The referral code is not valid"),
    Reason.SALE_FULL: Kind(409, "The sale is full"),
    Reason.NO_PLACE_OFFERED: Kind(409, "No place is offered"),
    Reason.INVITATION_INVALID: Kind(409, "The invitation is not valid"),
    Reason.FEE_NOT_DUE: Kind(409, "No fee is due"),
    Reason.FEE_NOT_PAID: Kind(409, "No fee was paid"),
    Reason.FEE_AMOUNT_DIFFERS: Kind(422, "The amount is not the fee"),
    Reason.ROLE_NEEDED: Kind(403, "This takes another role"),
    Reason.LISTS_NOT_SOLD: Kind(409, "The sale sells no further lists"),
    Reason.LISTS_IN_USE: Kind(409, "Something stands on the list"),
    Reason.UNKNOWN_SHIFT: Kind(404, "The sale has no such shift"),
    Reason.SHIFT_FULL: Kind(409, "The shift is full"),
    Reason.SHIFT_IN_USE: Kind(409, "Somebody promised to work on these terms"),
    Reason.SHIFT_OVERLAPS: Kind(409, "Another shift is at the same time"),
    Reason.SHIFT_NOT_BEGUN: Kind(409, "The shift has not begun"),
    Reason.WORK_RECORDED: Kind(409, "What was done is recorded"),
    Reason.UNKNOWN_SLOT: Kind(404, "The sale has no such slot"),
    Reason.SLOT_FULL: Kind(409, "The slot is full"),
    Reason.SLOT_IN_USE: Kind(409, "Somebody chose the slot as it is"),
    Reason.SLOT_NOT_CHOSEN: Kind(409, "The consignor chose no slot"),
    Reason.TIMES_INVALID: Kind(422, "The times are not possible"),
    Reason.TOO_LATE: Kind(409, "It is too late for that"),
    Reason.DONATIONS_CLOSED: Kind(409, "The donations list is closed"),
    Reason.DRAFT_ELSEWHERE: Kind(409, "The draft is another consignor's"),
    Reason.DRAFT_LISTED: Kind(409, "The draft was listed"),
    Reason.ITEM_INVALID: Kind(422, "The item breaks a rule of the sale"),
    Reason.SAME_SALE: Kind(422, "The two sales are one"),
    Reason.NOTHING_NAMED: Kind(422, "Nothing is named"),
    Reason.TAG_INVALID: Kind(422, "This is not a tag"),
    Reason.TAG_VOIDED: Kind(409, "The tag is void"),
    Reason.WRONG_SALE: Kind(409, "The tag belongs to another sale"),
    Reason.ITEM_REFUSED: Kind(409, "The item was refused at check-in"),
    Reason.ITEM_WITHDRAWN: Kind(409, "The item was withdrawn"),
    Reason.ITEM_RETURNED: Kind(409, "The item went back to its consignor"),
    Reason.ITEM_COLLECTED: Kind(409, "The item was collected by its consignor"),
    Reason.ITEM_DONATED: Kind(409, "The item was given away"),
    Reason.ITEM_MISSING: Kind(409, "The item is marked as missing"),
    Reason.ITEM_LOST: Kind(409, "The item is marked as lost"),
    Reason.REASON_NOT_LISTED: Kind(422, "The reason is none of the sale's"),
    Reason.COUNT_UNDER_WAY: Kind(409, "Another count of the shelves is under way"),
    Reason.UNKNOWN_COUNT: Kind(404, "No such count of the shelves is under way"),
    Reason.ITEM_NOT_REFUSED: Kind(409, "The item was not refused"),
    Reason.HELD_ELSEWHERE: Kind(409, "Another till holds the item"),
    Reason.ALREADY_SOLD: Kind(409, "The item is sold already"),
    Reason.ALREADY_IN_BASKET: Kind(409, "The item is in this basket already"),
    Reason.SESSION_EXISTS: Kind(409, "The sale session exists already"),
    Reason.NOT_YOUR_SESSION: Kind(403, "The sale session is another cashier's"),
    Reason.SESSION_CLOSED: Kind(409, "The sale session is closed"),
    Reason.TILL_IN_USE: Kind(409, "Another session is open at this till"),
    Reason.BASKETS_OPEN: Kind(409, "Baskets are open"),
    Reason.TRANSFERS_OPEN: Kind(409, "Cash is on its way to another till"),
    Reason.UNKNOWN_TRANSFER: Kind(404, "There is no such transfer of cash"),
    Reason.TRANSFER_ENDED: Kind(409, "The transfer of cash has ended"),
    Reason.UNSYNCED_SALES: Kind(409, "The till holds sales that are not uploaded"),
    Reason.COUNT_NEEDED: Kind(422, "The drawer must be counted"),
    Reason.COUNT_DIFFERS: Kind(422, "The coins and notes do not come to the sum"),
    Reason.BASKET_SUSPENDED: Kind(409, "The basket is suspended"),
    Reason.BASKET_FINISHED: Kind(409, "The basket is paid or abandoned"),
    Reason.BASKET_EMPTY: Kind(409, "The basket is empty"),
    Reason.BASKET_ELSEWHERE: Kind(409, "The basket is at another till"),
    Reason.TOTAL_CHANGED: Kind(409, "The basket comes to another total than the till showed"),
    Reason.BASKET_PAYING: Kind(409, "The basket is being paid"),
    Reason.LINE_LOST: Kind(409, "An item of the basket went to somebody else"),
    Reason.DISCOUNT_INVALID: Kind(422, "A discount is an amount or a rate"),
    Reason.DISCOUNT_TOO_HIGH: Kind(422, "The discount exceeds the price"),
    Reason.DISCOUNT_NEEDS_ROLE: Kind(403, "So much of a discount takes another role"),
    Reason.APPROVAL_REFUSED: Kind(403, "Nobody who may has approved this"),
    Reason.PRICE_NOT_LOWER: Kind(422, "Prices are only lowered at the till"),
    Reason.VOUCHER_INVALID: Kind(422, "This is not a voucher that can be used here"),
    Reason.UNKNOWN_VOUCHER: Kind(404, "The sale has no such voucher"),
    Reason.VOUCHER_EXISTS: Kind(409, "A voucher with this code was issued before"),
    Reason.VOUCHER_EXPIRED: Kind(409, "The voucher has expired"),
    Reason.VOUCHER_TOO_LOW: Kind(409, "The voucher is not worth that much"),
    Reason.VOUCHER_USED: Kind(409, "The voucher was used or taken back"),
    Reason.VOUCHER_BLOCKED: Kind(409, "The voucher is blocked"),
    Reason.VOUCHER_NEEDS_ROLE: Kind(403, "Paying out this much of a voucher needs another role"),
    Reason.VOUCHER_EXCEEDS_TOTAL: Kind(422, "Vouchers may not exceed the total"),
    Reason.TENDERS_TOO_LOW: Kind(422, "The tenders do not cover the total"),
    Reason.CARD_EXCEEDS_TOTAL: Kind(422, "Only cash may exceed the total"),
    Reason.TENDER_INVALID: Kind(422, "The tender cannot be taken like this"),
    Reason.UNKNOWN_PAYMENT: Kind(404, "There is no such payment"),
    Reason.PAYMENT_EXISTS: Kind(409, "A payment with this id was asked for before"),
    Reason.PAYMENT_ENDED: Kind(409, "The payment has another outcome"),
    Reason.REFERENCE_USED: Kind(409, "The provider's reference is used for something else"),
    Reason.RECEIPT_VOIDED: Kind(409, "The receipt is voided"),
    Reason.RECEIPT_REFUNDED: Kind(409, "The receipt is refunded"),
    Reason.REFUND_TOO_HIGH: Kind(422, "The refund exceeds what was paid"),
    Reason.TENDER_NEEDS_ROLE: Kind(403, "Refunding to another tender takes another role"),
    Reason.RETURN_NEEDS_ROLE: Kind(403, "Giving money back so late takes another role"),
    Reason.REASON_NEEDED: Kind(422, "A reason is needed"),
    Reason.UNKNOWN_CONFLICT: Kind(404, "The sale has no such conflict"),
    Reason.CONFLICT_HOLDS_MONEY: Kind(409, "The conflict holds a shopper's money"),
    Reason.UNKNOWN_QUARANTINE: Kind(404, "There is nothing of this name in quarantine"),
    Reason.QUARANTINE_ENDED: Kind(409, "It was repaired or discarded before"),
    Reason.UPLOAD_INVALID: Kind(422, "The sale contradicts itself"),
    Reason.CASH_TOO_LOW: Kind(409, "There is not enough cash in the drawer"),
    Reason.SETTLEMENT_BLOCKED: Kind(409, "Something may still move money"),
    Reason.SETTLEMENT_FREEZING: Kind(409, "Statements are being issued", retryable=True),
    Reason.SETTLEMENT_NOT_FROZEN: Kind(409, "The settlement is not frozen"),
    Reason.NOTHING_CARRIED: Kind(409, "The earlier sale carries nothing"),
    Reason.PAYOUTS_MADE: Kind(409, "Payouts were made"),
    Reason.PAYOUTS_OPEN: Kind(409, "Payouts are unfinished"),
    Reason.UNKNOWN_PAYOUT: Kind(404, "The sale has no such payout"),
    Reason.UNKNOWN_BATCH: Kind(404, "The sale has no such batch of payouts"),
    Reason.WRONG_PAYOUT_STATUS: Kind(409, "The payout stands elsewhere"),
    Reason.BATCH_CLOSED: Kind(409, "The batch was sent or dropped"),
    Reason.NOTHING_TO_PAY: Kind(409, "There is nothing to pay"),
    Reason.NO_CHARITY: Kind(409, "The sale has no charity"),
    Reason.CHEQUE_NUMBER_NEEDED: Kind(422, "The number of the first cheque is needed"),
    Reason.DEBTOR_MISSING: Kind(422, "The paying account or the day is missing"),
    Reason.FORFEIT_TOO_EARLY: Kind(409, "The payout is not given up yet"),
}

_OF_THE_ENGINE: Mapping[str, Kind] = {
    "idempotency_key_reused": Kind(422, "The Idempotency-Key was used for another request"),
    "mailbox_full": Kind(503, "Too many commands are waiting", retryable=True),
    "log_unavailable": Kind(503, "The log cannot be reached", retryable=True),
    "append_refused": Kind(503, "The log refused the command", retryable=True),
    "not_owner": Kind(503, "The organization is moving to another process", retryable=True),
    "stopping": Kind(503, "This process is stopping", retryable=True),
    "forwarding_unavailable": Kind(503, "The process that owns the organization cannot be reached", retryable=True),
    "owner_silent": Kind(503, "The process that owns the organization does not answer", retryable=True),
    "owner_busy": Kind(503, "The process that owns the organization is busy", retryable=True),
    "node_full": Kind(503, "This process serves as many organizations as it can", retryable=True),
    "not_understood": Kind(503, "The process that owns the organization runs another version", retryable=True),
    "answer_too_large": Kind(503, "The answer is too large to be forwarded", retryable=True),
    "timed_out": Kind(503, "The answer did not come in time", retryable=True),
    "unavailable": Kind(503, "This cannot be answered at the moment", retryable=True),
}

_OF_HTTP: Mapping[str, Kind] = {
    "malformed_body": Kind(400, "The body cannot be read"),
    "malformed_text": Kind(400, "The text is not UTF-8"),
    "nul_character": Kind(400, "U+0000 is not accepted"),
    "host_invalid": Kind(400, "The Host cannot be read"),
    "malformed_request": Kind(400, "The request cannot be read"),
    "parameter_invalid": Kind(400, "A parameter is not valid"),
    "cursor_invalid": Kind(400, "The cursor is not valid"),
    "idempotency_key_missing": Kind(400, "The Idempotency-Key header is missing"),
    "idempotency_key_invalid": Kind(400, "The Idempotency-Key is not a UUID"),
    "unauthenticated": Kind(401, "A valid token is needed"),
    "sign_in_failed": Kind(401, "Nobody is signed in by this"),
    "way_taken": Kind(409, "Somebody else signs in with this"),
    "last_way": Kind(409, "Nobody could sign in any more"),
    "unknown_way": Kind(404, "There is no such way to sign in"),
    "password_unfit": Kind(422, "The password may not be used"),
    "too_many_tries": Kind(429, "That was tried too often", retryable=True),
    "mail_unavailable": Kind(503, "No mail can be sent", retryable=True),
    "identity_unavailable": Kind(503, "What people sign in with cannot be reached", retryable=True),
    "pin_unfit": Kind(422, "The PIN may not be used"),
    "device_needed": Kind(403, "This is done at an enrolled device"),
    "device_differs": Kind(403, "The request comes from another device"),
    "device_unproven": Kind(403, "Nothing shows that the request comes from a device"),
    "signature_invalid": Kind(401, "The message's signature is not valid"),
    "issuer_unavailable": Kind(503, "Whoever issued the token cannot be asked", retryable=True),
    "cross_site": Kind(403, "The request comes from a page of another site"),
    "forbidden": Kind(403, "The account's roles do not allow this"),
    "unknown_receipt_link": Kind(404, "There is no receipt under this link"),
    "receipt_link_ended": Kind(410, "The receipt is not shown any more"),
    "unknown_statement": Kind(404, "The sale has no such statement"),
    "unknown_settlement": Kind(404, "There is no settlement of this sale"),
    "not_found": Kind(404, "There is nothing here"),
    "unknown_draft": Kind(404, "There is no such draft"),
    "settlement_differs": Kind(409, "Books and statements disagree"),
    "settlement_unchecked": Kind(503, "The books cannot be asked"),
    "position_unknown": Kind(409, "The log does not reach this position"),
    "nats_not_offered": Kind(409, "Integrators get no access to NATS here"),
    "domain_taken": Kind(409, "Another organization has the domain"),
    "domain_unproven": Kind(409, "The domain did not show who holds it"),
    "domain_reserved": Kind(422, "The domain is the service's own"),
    "unknown_host": Kind(421, "Nothing is served under this name"),
    "method_not_allowed": Kind(405, "The method is not allowed here"),
    "not_acceptable": Kind(406, "No accepted media type can be sent"),
    "request_timeout": Kind(408, "The request did not arrive in time", retryable=True),
    "payload_too_large": Kind(413, "The body is too large"),
    "unsupported_media_type": Kind(415, "The body's media type is not understood"),
    "head_too_large": Kind(431, "Address or headers are too large"),
    "too_many_connections": Kind(503, "Too many connections are open", retryable=True),
    "bodies_held": Kind(503, "Too many large bodies are being read", retryable=True),
    "rate_limited": Kind(429, "Too many requests", retryable=True),
    "body_invalid": Kind(422, "The body says something that is not allowed"),
    "rows_invalid": Kind(422, "No row can be used"),
    "history_too_long": Kind(422, "The history is too long to be folded in one request"),
    "history_busy": Kind(503, "Too many histories are being read", retryable=True),
    "papers_busy": Kind(503, "Too many papers are being drawn", retryable=True),
    "too_many_screens": Kind(503, "Too many screens follow", retryable=True),
    "not_yet": Kind(503, "The read model is not there yet", retryable=True),
    "projection_stopped": Kind(503, "The read model is stopped", retryable=True),
    "internal_error": Kind(500, "Something is wrong with the service", retryable=True),
}

REASONS: Mapping[str, Kind] = {
    **{reason.value: _OF_THE_BUSINESS[reason] for reason in Reason},
    **_OF_THE_ENGINE,
    **_OF_HTTP,
}
"""The closed list of reasons. That each of the business's is here is seen to when this module is imported."""

ROW_REASONS: Sequence[str] = sorted({reason.value for reason in RowReason} | {"invalid", "missing", "csv_invalid"})
"""What `errors[].reason` may say beside the reasons of the table."""
