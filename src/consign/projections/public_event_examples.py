"""One example of every public event, shown in the published documents and held true by the tests."""

from datetime import UTC, date, datetime

from consign.projections import public_event_types as public
from consign.projections import public_floor_events as floor
from consign.projections import public_item_events as items
from consign.projections import public_offline_events as offline
from consign.projections import public_payment_examples
from consign.projections import public_selling_events as selling
from consign.projections import public_settlement_events as settling
from consign.projections import public_shift_events as shifts
from consign.projections import public_slot_events as slots
from consign.projections import public_taking_part_events as taking_part
from consign.projections import public_till_events as till
from consign.projections import public_voucher_events as vouchers

_SALE = "01935a2e-6b7c-7c4a-9d1e-0a1b2c3d4e5f"
_SESSION = "01935a31-1f20-7b55-8a6d-5e4f3a2b1c0d"
_ANNA = "01935a2f-90ab-7def-8123-456789abcdef"
_BEN = "01935a2f-90ab-7def-8123-456789abcdff"
_ACCOUNT = "01935a20-11aa-7c4a-9d1e-00000000acc0"
_CONFLICT = "01935a40-33bb-7c4a-9d1e-00000000c0f1"
_QUARANTINE = "01935a40-44cc-7c4a-9d1e-00000000c0f2"
_TAG = "00100420078"
_SEAL = "5f2c7d1e" * 8
_SETTLED_AT = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
_REGISTERED_AT = datetime(2026, 9, 30, 17, 45, tzinfo=UTC)
_DUE_AT = datetime(2026, 10, 7, 17, 45, tzinfo=UTC)
_SHIFT_BEGINS_AT = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
_SHIFT_ENDS_AT = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
_SOLD_AT = datetime(2026, 11, 21, 13, 5, 12, tzinfo=UTC)

EXAMPLES: tuple[public.PublicData, ...] = (
    public.OrganizationFounded("bourse-nord", "Bourse du Nord", "EUR", "fr", "Europe/Paris"),
    public.OrganizationRenamed("bourse-nord", "Bourse du Nord et du Pas-de-Calais"),
    public.SalePlanned(
        sale=_SALE,
        number=1,
        name="Winter sale",
        currency="EUR",
        time_zone="Europe/Paris",
        place="Salle des fêtes",
        begins_on=date(2026, 11, 21),
        ends_on=date(2026, 11, 22),
    ),
    public.SaleSettingsChanged(_SALE, "Salle des fêtes", date(2026, 11, 21), date(2026, 11, 23)),
    public.SalePhaseChanged(_SALE, phase="live", previous="drop_off"),
    public.ConsignorRegistered(_SALE, _ANNA, consignor=42, fee_minor=200, currency="EUR"),
    taking_part.ConsignorWaiting(_SALE, _BEN, turn=7),
    taking_part.ConsignorInvited(_SALE, _BEN, consignor=77, expires_at=_DUE_AT),
    taking_part.PlaceOffered(_SALE, _BEN, expires_at=_DUE_AT),
    taking_part.ConsignorEnded(_SALE, _BEN, consignor=77, because="fee_unpaid"),
    taking_part.ConsignorReopened(_SALE, _BEN, consignor=77),
    taking_part.TermsAccepted(_SALE, _ANNA, consignor=42, version="2026-09", accepted_at=_REGISTERED_AT),
    taking_part.AllowanceChanged(
        _SALE, _ANNA, consignor=42, extra_items=10, extra_lists=0, bought_lists=1, extra_by_category={"toys": 5}
    ),
    taking_part.ListsCharged(_SALE, _ANNA, consignor=42, bought_lists=1, charged_minor=150, currency="EUR"),
    taking_part.LateFeeCharged(_SALE, _ANNA, consignor=42, charged_minor=150, currency="EUR"),
    taking_part.ProceedsPledged(_SALE, _ANNA, consignor=42, share_ppm=500_000, of="flagged"),
    taking_part.FeePaid(
        _SALE,
        _ANNA,
        consignor=42,
        amount_minor=200,
        rounding_minor=0,
        currency="EUR",
        means="bank",
        paid_at=_REGISTERED_AT,
        fee="participation",
    ),
    taking_part.FeeWaived(_SALE, _ANNA, consignor=42, amount_minor=200, currency="EUR"),
    taking_part.FeeRefunded(
        _SALE,
        _ANNA,
        consignor=42,
        amount_minor=200,
        rounding_minor=0,
        currency="EUR",
        means="cash",
        refunded_at=_SOLD_AT,
        fee="late",
    ),
    taking_part.ReferralRewarded(_SALE, _ANNA, referred=_BEN, reward="commission_points", points_ppm=10_000),
    taking_part.ConsignorForgotten(_SALE, _BEN),
    taking_part.PersonForgotten(_ACCOUNT, (_ANNA,)),
    shifts.ShiftPlanned(
        _SALE,
        "friday-door",
        task="Receive things",
        place="Salle des fêtes",
        begins_at=_SHIFT_BEGINS_AT,
        ends_at=_SHIFT_ENDS_AT,
        capacity=6,
        credit_minutes=240,
    ),
    shifts.ShiftDropped(_SALE, "friday-kitchen"),
    shifts.ShiftTaken(_SALE, "friday-door", _ANNA, consignor=42),
    shifts.ShiftGivenUp(_SALE, "friday-door", _BEN, consignor=77),
    shifts.WorkRecorded(_SALE, "friday-door", _ANNA, consignor=42, outcome="worked", minutes=240),
    shifts.ConsignorTierChanged(
        _SALE, _ANNA, consignor=42, tier="volunteer", broken=False, commission_minor=1250, currency="EUR"
    ),
    slots.SlotPlanned(
        _SALE,
        "friday-1400",
        kind="drop_off",
        place="Salle des fêtes",
        begins_at=_SHIFT_BEGINS_AT,
        ends_at=_SHIFT_ENDS_AT,
        capacity=12,
    ),
    slots.SlotDropped(_SALE, "friday-2000"),
    slots.SlotChosen(_SALE, "friday-1400", kind="drop_off", participation=_ANNA, consignor=42),
    slots.SlotGivenUp(_SALE, "friday-1400", kind="drop_off", participation=_BEN, consignor=77),
    slots.ConsignorArrived(
        _SALE, "friday-1400", kind="drop_off", participation=_ANNA, consignor=42, arrived_at=_SHIFT_BEGINS_AT
    ),
    public.ItemListed(
        sale=_SALE,
        tag=_TAG,
        participation=_ANNA,
        consignor=42,
        category="coats",
        description="Red coat, size 116",
        price_minor=1200,
        currency="EUR",
        list_number=1,
        reduce=True,
        donate=False,
        size="116",
        brand="Colibri",
    ),
    items.ItemChanged(
        sale=_SALE,
        tag=_TAG,
        participation=_ANNA,
        category="coats",
        description="Red coat with a hood, size 116",
        price_minor=1100,
        currency="EUR",
        list_number=1,
        pieces=1,
        size="116",
        brand="Colibri",
    ),
    items.ItemRetagged(
        sale=_SALE,
        tag="00100420084",
        replaces=_TAG,
        participation=_ANNA,
        category="coats",
        description="Red coat with a hood, size 116",
        price_minor=1000,
        currency="EUR",
        list_number=1,
        pieces=1,
        size="116",
        brand="Colibri",
    ),
    items.ItemWishesChanged(_SALE, _TAG, _ANNA, reduce=True, donate=True),
    items.ItemPhotosArranged(
        _SALE, _TAG, _ANNA, (items.ItemPhoto("01935a30-4c11-7d22-9e33-1a2b3c4d5e6f", "9f86d081884c7d65" * 4),)
    ),
    public.ItemCheckedIn(_SALE, _TAG, _ANNA, "coats"),
    public.ItemRefused(_SALE, _TAG, _ANNA, "coats"),
    public.ItemAdmitted(_SALE, _TAG, _ANNA, "coats"),
    public.ItemWithdrawn(_SALE, _TAG, _ANNA, "coats"),
    floor.ItemCheckInUndone(_SALE, _TAG, _ANNA, "coats"),
    floor.ItemNotBrought(_SALE, _TAG, _ANNA, "coats"),
    floor.ItemAwaited(_SALE, _TAG, _ANNA, "coats"),
    floor.DonationsClosed(_SALE, 1, 2, 3500, "EUR", (floor.DonatedCategory("coats", 2, 3500),)),
    floor.DonationsReopened(_SALE, 1),
    floor.ItemCollected(_SALE, _TAG, _ANNA, "coats", was="on_floor"),
    floor.ItemDonated(_SALE, _TAG, _ANNA, "coats", was="on_floor"),
    floor.ItemMissing(_SALE, _TAG, _ANNA, "coats"),
    floor.ItemLost(_SALE, _TAG, _ANNA, "coats", made_good="less_commission", gross_minor=1200, currency="EUR"),
    floor.ItemFound(_SALE, _TAG, _ANNA, "coats", was="lost", gross_minor=1200, currency="EUR"),
    selling.ItemSold(
        sale=_SALE,
        tag=_TAG,
        participation=_ANNA,
        category="coats",
        price_minor=1200,
        currency="EUR",
        receipt="A-17",
        sale_sequence=131,
        till="A",
        unchecked=False,
        sold_at=_SOLD_AT,
    ),
    selling.ManualLineMatched(
        sale=_SALE,
        receipt="A-17",
        tag=_TAG,
        participation=_ANNA,
        category="coats",
        price_minor=1200,
        currency="EUR",
        till="A",
        sold_at=_SOLD_AT,
    ),
    selling.ManualLineCredited(_SALE, "A-17", _ANNA, "coats", price_minor=1200, currency="EUR"),
    selling.ManualLineKept(_SALE, "A-17", price_minor=1200, currency="EUR"),
    selling.ItemSaleVoided(_SALE, _TAG, _ANNA, "coats", price_minor=1200, currency="EUR", receipt="A-17"),
    selling.ItemRefunded(
        sale=_SALE,
        tag=_TAG,
        participation=_ANNA,
        category="coats",
        price_minor=1200,
        refund_minor=1200,
        currency="EUR",
        receipt="A-17",
        refund="B-R3",
        returned_to="floor",
    ),
    till.SessionOpened(_SALE, _SESSION, till="A", float_minor=10_000, currency="EUR"),
    till.ReceiptIssued(
        sale=_SALE,
        session=_SESSION,
        till="A",
        receipt="A-17",
        counter=17,
        sale_sequence=131,
        lines=(
            till.ReceiptLine(_TAG, "coats", 1200, tax_minor=200, tax_rate_ppm=200_000, tax_included=True),
            till.ReceiptLine(None, "toys", 350, discount_minor=50),
        ),
        tenders=(till.ReceiptTender("cash", 2000),),
        total_minor=1500,
        rounding_minor=0,
        change_minor=500,
        currency="EUR",
        paid_at=_SOLD_AT,
        presale_group="volunteers",
    ),
    till.ReceiptVoided(_SALE, _SESSION, "A", "A-17", total_minor=1200, rounding_minor=0, currency="EUR"),
    till.RefundPaid(
        sale=_SALE,
        session=_SESSION,
        till="B",
        refund="B-R3",
        counter=3,
        receipt="A-17",
        tender="cash",
        amount_minor=1200,
        rounding_minor=0,
        currency="EUR",
        refunded_at=_SOLD_AT,
    ),
    till.SessionClosed(
        _SALE,
        _SESSION,
        "A",
        expected_minor=54_350,
        counted_minor=54_300,
        difference_minor=-50,
        z_number=3,
        total_minor=61_250,
        grand_total_minor=148_900,
        currency="EUR",
    ),
    vouchers.VoucherIssued(
        _SALE, "sold", amount_minor=2000, currency="EUR", issued_at=_SOLD_AT, expires_at=_SOLD_AT.replace(year=2027)
    ),
    vouchers.VouchersRedeemed(_SALE, "K1-7", count=1, amount_minor=1650, currency="EUR", redeemed_at=_SOLD_AT),
    vouchers.VouchersCredited(
        _SALE, "K1-7", "refund", count=1, amount_minor=400, currency="EUR", credited_at=_SETTLED_AT
    ),
    vouchers.VoucherEnded(_SALE, "expired", amount_minor=350, currency="EUR"),
    *public_payment_examples.EXAMPLES,
    offline.ConflictRecorded(
        sale=_SALE,
        conflict=_CONFLICT,
        kind="sold_twice",
        receipt="K2-31",
        till="K2",
        tag=_TAG,
        amount_minor=1200,
        currency="EUR",
        other_receipt="K1-7",
        recorded_at=_SOLD_AT,
    ),
    offline.ConflictResolved(_SALE, _CONFLICT, outcome="given_back"),
    offline.UploadQuarantined(_SALE, _QUARANTINE, till="K2", received_at=_SOLD_AT),
    offline.QuarantineEnded(_SALE, _QUARANTINE, outcome="repaired"),
    settling.ConsignorAdjusted(_SALE, _ANNA, amount_minor=250, currency="EUR"),
    settling.StatementIssued(
        sale=_SALE,
        statement="S42",
        kind="statement",
        participation=_ANNA,
        consignor=42,
        items_sold=1,
        gross_minor=1200,
        commission_minor=240,
        commission_tax_minor=0,
        fees_minor=200,
        fees_paid_minor=0,
        given_minor=250,
        donated_minor=0,
        net_minor=1010,
        currency="EUR",
        seal=_SEAL,
        issued_at=_SETTLED_AT,
    ),
    settling.StatementsCancelled(_SALE, "C1", _ANNA, ("S42",), net_minor=1010, currency="EUR"),
    settling.SettlementFrozen(_SALE, round=1, statements=180, net_minor=412_350, currency="EUR", seal=_SEAL),
    settling.SettlementReopened(_SALE, round=1, cancellation="C1"),
    settling.PayoutDue(_SALE, "P42", _ANNA, amount_minor=1010, fee_minor=0, currency="EUR", replaces=None),
    settling.PayoutPaid(_SALE, "P42", _ANNA, amount_minor=1010, fee_minor=25, currency="EUR"),
    settling.PayoutEnded(_SALE, "P42", _ANNA, amount_minor=1010, currency="EUR", status="uncollected"),
    settling.CharityPaid(_SALE, amount_minor=11_900, currency="EUR", paid_at=_SETTLED_AT),
)
