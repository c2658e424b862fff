"""Ids in paths. One that cannot be an id of its kind is the id of nothing: 404, like any other unknown id."""

import re
from collections.abc import Mapping
from typing import Any

from consign.http.problems import Refusal

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
RECEIPT = re.compile(r"[A-Za-z0-9]{1,12}-R?[0-9]{1,12}(-[0-9]{1,6})?")
_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_TAG = re.compile(r"[0-9-]{1,20}")

_KINDS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "sale": (_UUID, "unknown_sale"),
    "invitation": (_UUID, "not_found"),
    "key": (_UUID, "unknown_api_key"),
    "device": (_UUID, "unknown_device"),
    "account": (_ACCOUNT, "unknown_account"),
    "participation": (_UUID, "unknown_participation"),
    "way": (_UUID, "unknown_way"),
    "session": (_UUID, "unknown_session"),
    "basket": (_UUID, "unknown_basket"),
    "line": (_UUID, "unknown_line"),
    "receipt": (RECEIPT, "unknown_receipt"),
    "code": (re.compile(r"[A-Za-z0-9_-]{1,120}"), "unknown_receipt_link"),
    "conflict": (_UUID, "unknown_conflict"),
    "quarantine": (_UUID, "unknown_quarantine"),
    "payment": (_UUID, "unknown_payment"),
    "voucher": (re.compile(r"[2-9A-HJKMNP-Z]{12}"), "unknown_voucher"),
    "draft": (_UUID, "unknown_draft"),
    "count": (_UUID, "unknown_count"),
    "statement": (re.compile(r"S[1-9][0-9]{0,8}"), "unknown_statement"),
    "payout": (re.compile(r"P[1-9][0-9]{0,8}"), "unknown_payout"),
    "batch": (re.compile(r"B[1-9][0-9]{0,8}"), "unknown_batch"),
    "tag": (_TAG, "unknown_tag"),
    "integrator": (re.compile(r"[a-z0-9-]{1,40}"), "unknown_integrator"),
    "domain": (re.compile(r"[^/\s]{3,253}"), "unknown_domain"),
    "shift": (_CODE, "unknown_shift"),
    "slot": (_CODE, "unknown_slot"),
}


def checked(path: Mapping[str, Any]) -> dict[str, str]:
    """Return the path's ids without the organization, which the guard has seen to; raises Refusal."""
    found: dict[str, str] = {}
    for name, value in path.items():
        if name == "organization":
            continue
        pattern, reason = _KINDS[name]
        if not pattern.fullmatch(value):
            raise Refusal(reason, f"There is no {name} {value[:60]!r}.")
        found[name] = value
    return found


def patterns() -> Mapping[str, str]:
    """Return the form of each id, for the OpenAPI document."""
    return {name: f"^{pattern.pattern}$" for name, (pattern, _) in _KINDS.items()}
