"""Signatures of webhooks: a vector of the real sender's, and everything that is not quite it."""

from typing import Any

import pytest

from consign.http.identity.svix import TOLERANCE_S, SecretInvalid, is_genuine, signing_key

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SIGNED_S = 1614265330
MESSAGE: dict[str, Any] = {
    "message_id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "timestamp": str(SIGNED_S),
    "signatures": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    "body": b'{"test": 2432232314}',
    "now_s": SIGNED_S + 3.0,
}
OTHER = "v1," + "A" * 43 + "="


def genuine(*keys: bytes, **changed: Any) -> bool:
    return is_genuine(keys or (signing_key(SECRET),), **{**MESSAGE, **changed})


def test_what_the_sender_signed_is_genuine() -> None:
    assert genuine()


def test_while_secrets_change_any_of_them_counts() -> None:
    assert genuine(b"another key", signing_key(SECRET))
    assert genuine(signatures=f"{OTHER} v1a,AAAA {MESSAGE['signatures']}")


@pytest.mark.parametrize(
    "changed",
    [
        {"body": b'{"test": 2432232315}'},
        {"body": b""},
        {"message_id": "msg_p5jXN8AQM9LWM0D4loKWxJel"},
        {"message_id": "msg.1614265330"},
        {"message_id": ""},
        {"timestamp": str(SIGNED_S + 1)},
        {"timestamp": f" {SIGNED_S}"},
        {"timestamp": "-1"},
        {"timestamp": "9" * 500},
        {"timestamp": ""},
        {"now_s": SIGNED_S + TOLERANCE_S + 1.0},
        {"now_s": SIGNED_S - TOLERANCE_S - 1.0},
        {"signatures": ""},
        {"signatures": OTHER},
        {"signatures": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"signatures": "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"signatures": "v1,"},
        {"signatures": "v1,\u00e9"},
        {"signatures": f"{OTHER} " * 16 + MESSAGE["signatures"]},
    ],
)
def test_what_differs_in_one_thing_is_not(changed: dict[str, Any]) -> None:
    assert not genuine(**changed)


def test_without_a_key_nothing_is_genuine() -> None:
    assert not is_genuine((), **MESSAGE)
    assert not genuine(b"")


def test_a_secret_is_base64() -> None:
    with pytest.raises(SecretInvalid):
        signing_key("whsec_not base64!")
