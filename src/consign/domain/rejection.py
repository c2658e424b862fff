"""The one way the business says no: a reason from a closed list, and a sentence that says what to do."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """Why a command was refused. The value is part of the public contract: `/problems/<reason>`."""

    UNKNOWN_ORGANIZATION = "unknown_organization"
    UNKNOWN_SALE = "unknown_sale"
    UNKNOWN_PARTICIPATION = "unknown_participation"
    UNKNOWN_CONSIGNOR = "unknown_consignor"
    UNKNOWN_SESSION = "unknown_session"
    UNKNOWN_BASKET = "unknown_basket"
    UNKNOWN_RECEIPT = "unknown_receipt"
    UNKNOWN_TAG = "unknown_tag"
    UNKNOWN_CATEGORY = "unknown_category"

    WRONG_PHASE = "wrong_phase"
    WRONG_CURRENCY = "wrong_currency"
    UNKNOWN_CURRENCY = "unknown_currency"
    LIMIT_EXCEEDED = "limit_exceeded"

    ORGANIZATION_EXISTS = "organization_exists"
    SALE_EXISTS = "sale_exists"
    SALE_NUMBER_TAKEN = "sale_number_taken"
    SETTINGS_INVALID = "settings_invalid"
    COMMISSION_IN_USE = "commission_in_use"
    CONSIGNOR_NUMBER_TAKEN = "consignor_number_taken"
    PARTICIPATION_EXISTS = "participation_exists"
    UNKNOWN_TIER = "unknown_tier"
    UNKNOWN_ACCOUNT = "unknown_account"
    PERSON_FORGOTTEN = "person_forgotten"
    PROFILE_OF_ACCOUNT = "profile_of_account"
    ALREADY_TAKING_PART = "already_taking_part"
    NOT_REGISTERED = "not_registered"
    PARTICIPATION_ENDED = "participation_ended"
    ITEMS_BROUGHT = "items_brought"
    TERMS_NOT_ACCEPTED = "terms_not_accepted"
    REFERRAL_INVALID = "referral_invalid"
    SALE_FULL = "sale_full"
    NO_PLACE_OFFERED = "no_place_offered"
    INVITATION_INVALID = "invitation_invalid"
    FEE_NOT_DUE = "fee_not_due"
    FEE_NOT_PAID = "fee_not_paid"
    FEE_AMOUNT_DIFFERS = "fee_amount_differs"
    ROLE_NEEDED = "role_needed"

    UNKNOWN_SHIFT = "unknown_shift"
    SHIFT_FULL = "shift_full"
    SHIFT_IN_USE = "shift_in_use"
    SHIFT_OVERLAPS = "shift_overlaps"
    SHIFT_NOT_BEGUN = "shift_not_begun"
    WORK_RECORDED = "work_recorded"
    TIMES_INVALID = "times_invalid"
    TOO_LATE = "too_late"

    DRAFT_ELSEWHERE = "draft_elsewhere"
    DRAFT_LISTED = "draft_listed"
    ITEM_INVALID = "item_invalid"
    SAME_SALE = "same_sale"
    NOTHING_NAMED = "nothing_named"

    TAG_INVALID = "tag_invalid"
    TAG_VOIDED = "tag_voided"
    WRONG_SALE = "wrong_sale"
    ITEM_REFUSED = "item_refused"
    ITEM_WITHDRAWN = "item_withdrawn"
    ITEM_RETURNED = "item_returned"
    ITEM_NOT_REFUSED = "item_not_refused"
    HELD_ELSEWHERE = "held_elsewhere"
    ALREADY_SOLD = "already_sold"
    ALREADY_IN_BASKET = "already_in_basket"

    SESSION_EXISTS = "session_exists"
    SESSION_CLOSED = "session_closed"
    TILL_IN_USE = "till_in_use"
    BASKETS_OPEN = "baskets_open"
    BASKET_SUSPENDED = "basket_suspended"
    BASKET_FINISHED = "basket_finished"
    BASKET_EMPTY = "basket_empty"
    BASKET_ELSEWHERE = "basket_elsewhere"
    LINE_LOST = "line_lost"
    DISCOUNT_INVALID = "discount_invalid"
    DISCOUNT_TOO_HIGH = "discount_too_high"
    DISCOUNT_NEEDS_ROLE = "discount_needs_role"
    PRICE_NOT_LOWER = "price_not_lower"
    UNKNOWN_LINE = "unknown_line"
    LINE_RESOLVED = "line_resolved"
    TENDERS_TOO_LOW = "tenders_too_low"
    CARD_EXCEEDS_TOTAL = "card_exceeds_total"
    RECEIPT_VOIDED = "receipt_voided"
    RECEIPT_REFUNDED = "receipt_refunded"
    REFUND_TOO_HIGH = "refund_too_high"
    TENDER_NEEDS_ROLE = "tender_needs_role"
    REASON_NEEDED = "reason_needed"
    UNKNOWN_CONFLICT = "unknown_conflict"
    CONFLICT_HOLDS_MONEY = "conflict_holds_money"
    UNKNOWN_QUARANTINE = "unknown_quarantine"
    QUARANTINE_ENDED = "quarantine_ended"
    UPLOAD_INVALID = "upload_invalid"
    CASH_TOO_LOW = "cash_too_low"

    SETTLEMENT_BLOCKED = "settlement_blocked"
    SETTLEMENT_NOT_FROZEN = "settlement_not_frozen"
    NOTHING_CARRIED = "nothing_carried"
    PAYOUTS_MADE = "payouts_made"
    PAYOUTS_OPEN = "payouts_open"
    UNKNOWN_PAYOUT = "unknown_payout"
    UNKNOWN_BATCH = "unknown_batch"
    WRONG_PAYOUT_STATUS = "wrong_payout_status"
    BATCH_CLOSED = "batch_closed"
    NOTHING_TO_PAY = "nothing_to_pay"
    CHEQUE_NUMBER_NEEDED = "cheque_number_needed"
    DEBTOR_MISSING = "debtor_missing"
    FORFEIT_TOO_EARLY = "forfeit_too_early"


class RowReason(StrEnum):
    """Why one row of a batch was left out, beside the reasons above. Public as well: `errors[].reason`."""

    ITEM_EXISTS = "item_exists"
    NUMBER_INVALID = "number_invalid"
    NUMBERS_EXHAUSTED = "numbers_exhausted"
    CATEGORY_UNKNOWN = "category_unknown"
    DESCRIPTION_INVALID = "description_invalid"
    PRICE_INVALID = "price_invalid"
    PRICE_TOO_LOW = "price_too_low"
    PRICE_TOO_HIGH = "price_too_high"
    PRICE_STEP = "price_step"
    NOT_ACCEPTED = "not_accepted"
    LIST_INVALID = "list_invalid"
    TEXT_INVALID = "text_invalid"
    PHOTOS_INVALID = "photos_invalid"
    LOT_INVALID = "lot_invalid"
    QUOTA_EXCEEDED = "quota_exceeded"
    INCOMPLETE = "incomplete"
    UNKNOWN_DRAFT = "unknown_draft"
    ITEM_ON_FLOOR = "item_on_floor"
    SAID_TWICE = "said_twice"
    NOT_TO_COPY = "not_to_copy"
    NO_PAYOUT_DETAILS = "no_payout_details"
    FEE_EXCEEDS_PAYOUT = "fee_exceeds_payout"


class Rejected(Exception):
    """A command was refused for `reason`; `detail` says what is the matter and what to do, for people.

    `errors` names single fields or rows: `{"pointer": "/rows/3/price", "reason": "…", "detail": "…"}`.
    """

    def __init__(self, reason: Reason, detail: str, errors: tuple[Mapping[str, Any], ...] = ()) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.errors = errors
