"""The organization and its sales as rows of read models: their tills, items and drafts, shifts and slots."""

from typing import Literal

from consign.domain.sale import Phase
from consign.domain.values import ConsignorNumber
from consign.http.resources import FilterText, ItemRoute, ListRoute
from consign.projections.donations import DONATIONS, DonationListRow
from consign.projections.item_rows import DraftRow, ItemRow, ItemStatus
from consign.projections.items import ITEMS
from consign.projections.sales import SALES, OrganizationRow, SaleRow, TillRow
from consign.projections.shifts import SHIFTS, ShiftRow, WorkRow
from consign.projections.slots import SLOTS, BookingRow, SlotRow

_SALE = {"sale": FilterText}

LISTS: tuple[ListRoute, ...] = (
    ListRoute("list-sales", "/sales", "Sales.", "sales", SALES, "sales", SaleRow, {"phase": Phase}, ("number",)),
    ListRoute(
        "list-tills",
        "/sales/{sale}/tills",
        "Tills of a sale, and which is open.",
        "sales",
        SALES,
        "tills",
        TillRow,
        {},
        (),
    ),
    ListRoute(
        "list-items",
        "/items",
        "Items: what they are and where.",
        "items",
        ITEMS,
        "items",
        ItemRow,
        {
            **_SALE,
            "status": ItemStatus.__value__,
            "category": FilterText,
            "consignor": ConsignorNumber,
            "checked_in": bool,
            "late": bool,
            "donate": bool,
            "reference": FilterText,
            "beyond_quota": bool,
        },
        ("listed_position", "price_minor"),
    ),
    ListRoute(
        "list-donation-lists",
        "/sales/{sale}/donation-lists",
        "Closed lists of what was given away: who closed each, when, and what stood on it.",
        "items",
        DONATIONS,
        "lists",
        DonationListRow,
        {"status": Literal["closed", "reopened"]},
        ("number",),
    ),
    ListRoute(
        "list-drafts",
        "/sales/{sale}/drafts",
        "Drafts: what is described and not listed yet.",
        "items",
        ITEMS,
        "drafts",
        DraftRow,
        {"consignor": ConsignorNumber},
        ("saved_position",),
    ),
    ListRoute(
        "list-shifts",
        "/sales/{sale}/shifts",
        "Volunteers' shifts, and how many took each.",
        "shifts",
        SHIFTS,
        "shifts",
        ShiftRow,
        {},
        ("begins_at",),
    ),
    ListRoute(
        "list-work",
        "/sales/{sale}/work",
        "Who promised to work which shift, and what was done.",
        "shifts",
        SHIFTS,
        "work",
        WorkRow,
        {"shift": FilterText, "number": ConsignorNumber, "outcome": Literal["promised", "worked", "missed"]},
        ("begins_at",),
    ),
    ListRoute(
        "list-slots",
        "/sales/{sale}/slots",
        "Slots in which consignors bring and fetch their things, and how many chose each.",
        "slots",
        SLOTS,
        "slots",
        SlotRow,
        {"kind": Literal["drop_off", "pick_up"]},
        ("begins_at",),
    ),
    ListRoute(
        "list-bookings",
        "/sales/{sale}/bookings",
        "Who chose which slot, and who came.",
        "slots",
        SLOTS,
        "bookings",
        BookingRow,
        {
            "slot": FilterText,
            "kind": Literal["drop_off", "pick_up"],
            "number": ConsignorNumber,
            "arrived": bool,
        },
        ("begins_at", "number"),
    ),
)

ITEM_ROUTES: tuple[ItemRoute, ...] = (
    ItemRoute(
        "get-organization",
        "/organization",
        "What the organization is called, and was called before; its currency, locale and time zone.",
        "organizations",
        SALES,
        "organizations",
        OrganizationRow,
        ("organization",),
        "not_yet",
    ),
    ItemRoute("get-sale", "/sales/{sale}", "A sale.", "sales", SALES, "sales", SaleRow, ("sale",), "unknown_sale"),
    ItemRoute("get-item", "/items/{tag}", "An item.", "items", ITEMS, "items", ItemRow, ("tag",), "unknown_tag"),
    ItemRoute(
        "get-draft",
        "/sales/{sale}/drafts/{draft}",
        "A draft.",
        "items",
        ITEMS,
        "drafts",
        DraftRow,
        ("sale", "draft"),
        "unknown_draft",
    ),
)
