"""Links by which shoppers see their receipt without an account, and what tills scan of them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from msgspec import Struct

from consign.http.limiting import RECEIPT_LINKS
from consign.http.path_ids import RECEIPT
from consign.projections.receipts import ReceiptRow

LINK_PATH = f"{RECEIPT_LINKS}{{organization:str}}/{{code:str}}"

_CODE = r"[A-Za-z0-9_-]{40,120}"
_SCANNED = re.compile(rf"(?:https?://[^\s?#]+/)?(?P<code>{_CODE})")


class Codes(Protocol):
    """Makes codes that nobody can guess, and reads them."""

    def code(self, organization: str, sale: str, receipt: str) -> str:
        """Return the receipt's code."""
        ...

    def receipt(self, organization: str, code: str) -> tuple[str, str] | None:
        """Return the sale and the number of the receipt that the code is of; None where it is of none."""
        ...


class DomainsOf(Protocol):
    """Knows the domains of organizations."""

    def domain_of(self, organization: str) -> str | None:
        """Return the domain that names the organization, if any does."""
        ...


class ReceiptLink(Struct, frozen=True):
    """Where the receipt is seen, until when."""

    url: str
    ends_at: datetime


class ReceiptKey(Struct, frozen=True):
    """Which receipt is meant."""

    sale: str
    receipt: str


class ReceiptLinks:
    """Makes the links, under the organization's own domain where it has one, and reads them again."""

    def __init__(self, codes: Codes, domains: DomainsOf, public_url: str) -> None:
        self._codes = codes
        self._domains = domains
        self._public_url = public_url

    def of(self, organization: str, row: ReceiptRow, link_days: int) -> ReceiptLink:
        """Return the receipt's link, which lasts so many days from when it was paid."""
        code = self._codes.code(organization, row.sale, row.receipt)
        url = f"{self._base(organization)}{RECEIPT_LINKS}{organization}/{code}"
        return ReceiptLink(url, row.paid_at + timedelta(days=link_days))

    def lasting(self, organization: str, row: ReceiptRow, link_days: int) -> ReceiptLink | None:
        """Return the receipt's link while it lasts."""
        found = self.of(organization, row, link_days)
        return found if datetime.now(UTC) < found.ends_at else None

    def of_code(self, organization: str, code: str) -> ReceiptKey | None:
        """Return which receipt the code is of; None where it is of none of the organization's."""
        found = self._codes.receipt(organization, code)
        return None if found is None else ReceiptKey(*found)

    def of_scan(self, organization: str, sale: str, scanned: str) -> ReceiptKey | None:
        """Return which receipt is meant by a link, a code or a number; None: by nothing that is one."""
        if RECEIPT.fullmatch(scanned):
            return ReceiptKey(sale, scanned)
        found = _SCANNED.fullmatch(scanned)
        return None if found is None else self.of_code(organization, found["code"])

    def _base(self, organization: str) -> str:
        """Return how the addresses of the organization's links begin: as the service's do, but for the host."""
        domain = self._domains.domain_of(organization)
        if domain is None:
            return self._public_url
        public = urlsplit(self._public_url)
        port = "" if public.port is None else f":{public.port}"
        return f"{public.scheme}://{domain}{port}{public.path}"
