"""Values that the OpenAPI document's examples share."""

from collections.abc import Mapping
from typing import Any

ORGANIZATION = "spring-fair"
SALE = "0193e4c2-7a10-7000-8000-000000000001"
EARLIER_SALE = "0193e4c2-7a10-7000-8000-000000000002"
DRAFT = "0193e4c2-7a10-7000-8000-0000000000d1"
PHOTO = "0193e4c2-7a10-7000-8000-0000000000f1"
INVITATION = "0193e4c2-7a10-7000-8000-000000000011"
PARTICIPATION = "0193e4c2-7a10-7000-8000-000000000017"
ACCOUNT = "0193e4c2-7a10-7000-8000-000000000acc"
API_KEY = "0193e4c2-7a10-7000-8000-0000000000f2"
DEVICE = "0193e4c2-7a10-7000-8000-0000000000d2"
SESSION = "0193e4c2-7a10-7000-8000-0000000000a1"
OTHER_SESSION = "0193e4c2-7a10-7000-8000-0000000000a2"
WAY = "0193e4c2-7a10-7000-8000-0000000000f3"
TRANSFER = "0193e4c2-7a10-7000-8000-0000000000e1"
VOUCHER = "7KXQ2MZB4T9A"
PAYMENT = "0193e4c2-7a10-7000-8000-0000000000b7"
TENDER = "0193e4c2-7a10-7000-8000-0000000000b8"
BASKET = "0193e4c2-7a10-7000-8000-0000000000b1"
MANUAL_LINE = "0193e4c2-7a10-7000-8000-0000000000c1"
RECEIPT = "K1-1"
RECEIPT_CODE = "Zm9yIHNob3BwZXJzIGFsb25lLCBhbmQgdG8gYmUgc2Nhbm5lZCBieSB0aWxscw"
CONFLICT = MANUAL_LINE
QUARANTINE = "0193e4c2-7a10-7000-8000-0000000000e1"
STATEMENT = "S1"
PAYOUT = "P1"
BATCH = "B1"
TAG = "00100170016"
SHIFT = "friday-door"
SLOT = "friday-1400"
DOMAIN = "fair.example.org"
INTEGRATOR = "web-shop"

PATH_IDS: Mapping[str, str] = {
    "organization": ORGANIZATION,
    "sale": SALE,
    "participation": PARTICIPATION,
    "account": ACCOUNT,
    "invitation": INVITATION,
    "device": DEVICE,
    "key": API_KEY,
    "session": SESSION,
    "way": WAY,
    "basket": BASKET,
    "line": MANUAL_LINE,
    "receipt": RECEIPT,
    "code": RECEIPT_CODE,
    "conflict": CONFLICT,
    "quarantine": QUARANTINE,
    "voucher": VOUCHER,
    "payment": PAYMENT,
    "statement": STATEMENT,
    "payout": PAYOUT,
    "batch": BATCH,
    "tag": TAG,
    "shift": SHIFT,
    "slot": SLOT,
    "domain": DOMAIN,
    "integrator": INTEGRATOR,
}

SETTINGS: Mapping[str, Any] = {
    "commission": {"default": {"rate_ppm": 200000}, "basis": "consignor", "mode": "half_up"},
    "categories": [{"code": "toys", "name": "Toys", "price_minimum_minor": 50, "price_maximum_minor": 5000}],
    "price_step_minor": 50,
    "fee_minor": 300,
    "cash_rounding_minor": 5,
}

PLAN_SALE: Mapping[str, Any] = {"name": "Spring fair", "number": 1, "settings": SETTINGS}
