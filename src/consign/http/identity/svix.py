"""Signatures of webhooks as Svix makes them (https://docs.svix.com/receiving/verifying-payloads/how-manual)."""

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from hashlib import sha256

TOLERANCE_S = 300
SIGNATURES_MAX = 16
_PREFIX = "whsec_"
_MESSAGE = re.compile(r"[A-Za-z0-9_-]{1,100}")
_SECONDS = re.compile(r"\d{1,12}")


class SecretInvalid(Exception):
    """A secret that cannot be one."""


def signing_key(secret: str) -> bytes:
    """Return the key that a secret (`whsec_…`) stands for; raises SecretInvalid."""
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise SecretInvalid from error


def is_genuine(
    keys: Sequence[bytes], *, message_id: str, timestamp: str, signatures: str, body: bytes, now_s: float
) -> bool:
    """Say whether one of the keys signed this body under this id, not longer ago (or ahead) than five minutes.

    Several signatures come while the sender changes its secret, several keys while the receiver does.
    """
    if not _MESSAGE.fullmatch(message_id) or not _SECONDS.fullmatch(timestamp):
        return False
    if abs(now_s - int(timestamp)) > TOLERANCE_S:
        return False
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = [base64.b64encode(hmac.digest(key, signed, sha256)) for key in keys]
    shown = [each.partition(",") for each in signatures.split(" ")[:SIGNATURES_MAX]]
    given = [signature.encode() for version, _, signature in shown if version == "v1"]
    return any(hmac.compare_digest(each, wanted) for each in given for wanted in expected)
