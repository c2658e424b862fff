"""Codes by which shoppers see a receipt: made and read under the installation's root secret alone."""

import base64
import hmac
from hashlib import sha512
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

_SALE_BYTES = 16


class ReceiptCodes:
    """Deterministic encryption that authenticates (AES-256-SIV, RFC 5297): 128 bits that cannot be guessed.

    A receipt has one code, whenever it is asked for, and the code says neither sale nor number. The organization is
    bound into it, so that it means nothing in another one.
    """

    def __init__(self, root_secret: bytes) -> None:
        self._cipher = AESSIV(hmac.digest(root_secret, b"consign receipt codes", sha512))

    def code(self, organization: str, sale: str, receipt: str) -> str:
        """Return the receipt's code, of letters, digits, - and _."""
        sealed = self._cipher.encrypt(UUID(sale).bytes + receipt.encode(), [organization.encode()])
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def receipt(self, organization: str, code: str) -> tuple[str, str] | None:
        """Return the sale and the number of the receipt that the code is of; None where it is of none."""
        try:
            sealed = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True)
            plain = self._cipher.decrypt(sealed, [organization.encode()])
        except (InvalidTag, ValueError):
            return None
        return str(UUID(bytes=plain[:_SALE_BYTES])), plain[_SALE_BYTES:].decode()
