"""The events of signing in."""

from msgspec import Struct

from consign.domain.signing_in import (
    AccountForgotten,
    AccountOpened,
    PasswordChanged,
    SessionsEnded,
    SignedIn,
    SignInRefused,
    WaysChanged,
)
from consign.domain.values import Sealed
from tests.domain.market import OLIVE, OTHER_SESSION, SESSION

SPECIMENS: tuple[Struct, ...] = (
    AccountOpened(OLIVE, Sealed("01900000-0000-7000-8000-0000000000e1", "AAAA")),
    SignedIn(OLIVE, SESSION, "link"),
    SignInRefused(OLIVE, "code"),
    SessionsEnded(OLIVE, (SESSION, OTHER_SESSION), "token_reused"),
    PasswordChanged(OLIVE),
    WaysChanged(OLIVE),
    AccountForgotten(OLIVE),
)
