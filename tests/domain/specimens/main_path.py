"""The events on the path from a founded organization to closed tills."""

from msgspec import Struct

from consign.domain.commission import CommissionRule, CommissionSchedule, RoundingBasis
from consign.domain.ledger.events import (
    BasketReleased,
    HoldMoved,
    HoldsExpired,
    ItemHeld,
    ItemListed,
    ItemReference,
    ItemRefused,
    ItemReleased,
    ItemsCheckedIn,
    ItemsRefunded,
    ItemsReleasedByVoid,
    ItemsSold,
    ItemsWithdrawn,
    Photo,
    RefundedLine,
    RefusedItemAdmitted,
    SoldLine,
    WithdrawnItem,
)
from consign.domain.money import RoundingMode
from consign.domain.organization import (
    OrganizationFounded,
    OrganizationRegistered,
    OrganizationRenamed,
    SaleNumberTaken,
)
from consign.domain.participation.events import ConsignorProfileChanged, ConsignorTermsChanged
from consign.domain.presale import PresaleGroup
from consign.domain.sale import Phase, SalePhaseChanged, SalePlanned, SaleSettingsChanged
from consign.domain.session.events import (
    BasketAbandoned,
    BasketDiscount,
    BasketDiscounted,
    BasketHandedOver,
    BasketLine,
    BasketPaid,
    BasketRecalled,
    BasketSuspended,
    CashMoved,
    Denomination,
    Discount,
    LineAdded,
    LineDiscounted,
    LineRemoved,
    ReceiptVoided,
    RefundPaid,
    SessionClosed,
    SessionOpened,
    Tender,
    TenderKind,
)
from consign.domain.session.report import MovedFigures, TaxFigures, TillFigures
from consign.domain.tills import TillClosed, TillOpened
from consign.domain.values import DraftId, PhotoId, ReceiptNumber, Sealed, TagCode
from tests.domain.log import OPENING
from tests.domain.market import (
    ANNA,
    BASKET,
    CASHIER,
    OLIVE,
    ORGANIZATION,
    OTHER_SESSION,
    SALE,
    SESSION,
    SETTINGS,
    SKIRT,
)

RECEIPT, REFUND = ReceiptNumber("1-1"), ReceiptNumber("1-R1")
RULE = CommissionRule(200_000, 10, 50, 5000)
SEALED = Sealed("subject-1", "c2VhbGVk")
DISCOUNTS = (
    Discount("window", 50, "consignor", "last hour"),
    Discount("line", 30, "organizer", reason="a stain", authorized_by=CASHIER, role="cashier"),
)
PHOTO = Photo(PhotoId("01900000-0000-7000-8000-0000000000f1"), "ab" * 32)
LINE = BasketLine(SKIRT, ANNA, 1, "skirt", "Red skirt", 350, 2, 400, 30, 53, 200_000, True, 10, DISCOUNTS)
SOLD = SoldLine(SKIRT, ANNA, "skirt", 350, 2, True, 30, 53, 200_000, True, 10)
REFUNDED = RefundedLine(SKIRT, ANNA, "skirt", 350, 350, "floor", 2, 30, 53, 200_000, True, 10)
BASKET_DISCOUNT = BasketDiscount(0, 50_000, "a regular", "cashier", CASHIER)
TENDERS = (Tender(TenderKind.CARD, 200, "auth 42"), Tender(TenderKind.CASH, 200))
RULES = CommissionSchedule(
    RULE, {"coat": RULE}, {"volunteer": RULE}, RoundingBasis.LIST, RoundingMode.HALF_EVEN, 200_000
)

FIGURES = TillFigures(
    float_minor=5000,
    receipts=2,
    receipts_minor=700,
    voided=1,
    voided_minor=100,
    refunds=1,
    refunded_minor=250,
    cash_minor=350,
    card_minor=-10,
    voucher_minor=10,
    change_minor=50,
    rounding_minor=-1,
    taxes=(TaxFigures(200_000, included=True, gross_minor=350, tax_minor=58),),
    discount_consignor_minor=20,
    discount_organizer_minor=30,
    surcharge_minor=10,
    fees_cash_minor=500,
    fees_card_minor=300,
    payouts=1,
    payouts_minor=400,
    vouchers=1,
    vouchers_minor=2000,
    vouchers_cash_minor=1500,
    vouchers_card_minor=500,
    moved=(MovedFigures("safe", -1600),),
    sent_minor=1000,
    received_minor=990,
    settled_minor=-10,
)

SPECIMENS: tuple[Struct, ...] = (
    OrganizationRegistered(ORGANIZATION, "ALPE", OLIVE),
    OrganizationFounded(ORGANIZATION, "ALPE", "EUR", "fr-FR", "Europe/Paris"),
    OrganizationRenamed(ORGANIZATION, "Alpes", OPENING),
    SaleNumberTaken(SALE, 7),
    SalePlanned(SALE, ORGANIZATION, 7, "Autumn bourse", "EUR", "Europe/Paris", SETTINGS),
    SaleSettingsChanged(SALE, type(SETTINGS)(RULES, presale_groups=(PresaleGroup("volunteers", OPENING, OPENING),))),
    SalePhaseChanged(SALE, Phase.CANCELLED, Phase.REGISTRATION, "flood", (ANNA,)),
    TillOpened(SALE, "1", SESSION),
    TillClosed(SALE, "1", SESSION, 12, 3, 4, 123_450),
    ConsignorProfileChanged(ANNA, SALE, SEALED),
    ConsignorTermsChanged(ANNA, SALE, "volunteer", RULE),
    ItemListed(
        SALE,
        SKIRT,
        ANNA,
        1,
        "skirt",
        "Red skirt",
        350,
        2,
        reduce=True,
        donate=True,
        pieces=2,
        size="116",
        brand="Colibri",
        reference="SKU-7",
        photos=(PHOTO,),
        draft=DraftId("01900000-0000-7000-8000-0000000000e1"),
        copied_from=TagCode("00600010010"),
        beyond_quota=True,
    ),
    ItemsCheckedIn(SALE, (ItemReference(SKIRT, ANNA, "skirt"),)),
    ItemRefused(SALE, SKIRT, ANNA, "skirt", "stained", "on_floor"),
    RefusedItemAdmitted(SALE, SKIRT, ANNA, "skirt"),
    ItemsWithdrawn(SALE, (WithdrawnItem(SKIRT, ANNA, "skirt", "listed"),), "kept it"),
    ItemHeld(SALE, SKIRT, BASKET, SESSION, "1", OPENING, OPENING),
    ItemReleased(SALE, SKIRT, BASKET),
    BasketReleased(SALE, BASKET, (SKIRT,)),
    HoldsExpired(SALE, BASKET, (SKIRT,)),
    HoldMoved(SALE, BASKET, SESSION, "1", OPENING, (SKIRT,)),
    ItemsSold(SALE, RECEIPT, 1, SESSION, "1", BASKET, (SOLD,), ("card", "cash"), OPENING),
    ItemsReleasedByVoid(SALE, RECEIPT, SESSION, (SOLD,)),
    ItemsRefunded(SALE, RECEIPT, REFUND, SESSION, (REFUNDED,)),
    SessionOpened(SESSION, SALE, "1", CASHIER, 5000, "EUR", 12, 3),
    LineAdded(SALE, BASKET, LINE, "volunteers"),
    LineRemoved(SALE, BASKET, SKIRT),
    LineDiscounted(SALE, BASKET, LINE),
    BasketDiscounted(SALE, BASKET, BASKET_DISCOUNT),
    BasketAbandoned(SALE, BASKET),
    BasketSuspended(SALE, BASKET, "forgot purse"),
    BasketRecalled(SALE, BASKET, SESSION, (LINE,), BASKET_DISCOUNT, "volunteers"),
    BasketHandedOver(SALE, BASKET, OTHER_SESSION),
    BasketPaid(SALE, SESSION, "1", BASKET, RECEIPT, 1, 1, (LINE,), TENDERS, 350, 0, 50, OPENING, CASHIER, "volunteers"),
    ReceiptVoided(SALE, SESSION, "1", RECEIPT, (LINE,), TENDERS, 350, 0, 50, "wrong basket", CASHIER),
    RefundPaid(
        SALE,
        SESSION,
        "1",
        REFUND,
        1,
        RECEIPT,
        (REFUNDED,),
        TenderKind.CARD,
        350,
        0,
        "torn",
        OPENING,
        "auth 43",
        CASHIER,
    ),
    CashMoved(SALE, SESSION, "1", -2000, "to the safe", "float_correction"),
    SessionClosed(
        SALE,
        SESSION,
        "1",
        5350,
        5340,
        -10,
        12,
        3,
        "a coin rolled away",
        4,
        123_450,
        FIGURES,
        (Denomination(500, 10), Denomination(10, 34)),
        (BASKET,),
        2,
        CASHIER,
    ),
)
