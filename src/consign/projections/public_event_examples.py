"""One example of every public event, shown in the published documents and held true by the tests."""

from datetime import UTC, date, datetime

from consign.projections import public_event_types as public
from consign.projections import public_item_events as items

_SALE = "01935a2e-6b7c-7c4a-9d1e-0a1b2c3d4e5f"
_SESSION = "01935a31-1f20-7b55-8a6d-5e4f3a2b1c0d"
_ANNA = "01935a2f-90ab-7def-8123-456789abcdef"
_TAG = "00100420078"
_SOLD_AT = datetime(2026, 11, 21, 13, 5, 12, tzinfo=UTC)

EXAMPLES: tuple[public.PublicData, ...] = (
    public.OrganizationFounded("bourse-nord", "Bourse du Nord", "EUR", "fr", "Europe/Paris"),
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
    public.ItemSold(
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
    public.ItemSaleVoided(_SALE, _TAG, _ANNA, "coats", price_minor=1200, currency="EUR", receipt="A-17"),
    public.ItemRefunded(
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
    public.SessionOpened(_SALE, _SESSION, till="A", float_minor=10_000, currency="EUR"),
    public.ReceiptIssued(
        sale=_SALE,
        session=_SESSION,
        till="A",
        receipt="A-17",
        counter=17,
        sale_sequence=131,
        lines=(public.ReceiptLine(_TAG, "coats", 1200),),
        tenders=(public.ReceiptTender("cash", 2000),),
        total_minor=1200,
        rounding_minor=0,
        change_minor=800,
        currency="EUR",
        paid_at=_SOLD_AT,
    ),
    public.ReceiptVoided(_SALE, _SESSION, "A", "A-17", total_minor=1200, rounding_minor=0, currency="EUR"),
    public.RefundPaid(
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
    public.SessionClosed(
        _SALE, _SESSION, "A", expected_minor=54_350, counted_minor=54_300, difference_minor=-50, currency="EUR"
    ),
)
