"""What becomes of an account on the platform: it is opened, signs in, is refused, its sessions end.

These are facts of the platform's log and hold no secret: what people sign in with lies elsewhere. Whether somebody may
sign in is not decided here, but where the secrets are.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from consign.domain.values import AccountId, GivenAccountId, GivenSessionId, Sealed, SessionId

SESSIONS_LIMIT = 50
"""How many sessions may end at once: an account has no more."""

SignInWay = Literal["link", "code", "password", "issuer", "pin"]
SessionEnding = Literal[
    "signed_out", "signed_out_everywhere", "token_reused", "password_changed", "way_removed", "account_deleted"
]
"""`token_reused`: a refresh token came a second time, so that somebody else may hold it."""


class RecordSignIn(Struct, frozen=True, gc=False, tag="record-sign-in"):
    """Somebody has shown that the account is theirs; one that signs in first is opened with its address."""

    account: GivenAccountId
    session: GivenSessionId
    way: SignInWay
    address: Sealed | None = None


class RecordRefusedSignIn(Struct, frozen=True, gc=False, tag="record-refused-sign-in"):
    """Somebody tried to sign in as an account that there is, and could not."""

    account: GivenAccountId
    way: SignInWay


class RecordSessionsEnd(Struct, frozen=True, gc=False, tag="record-sessions-end"):
    account: GivenAccountId
    sessions: Annotated[tuple[GivenSessionId, ...], Meta(min_length=1, max_length=SESSIONS_LIMIT)]
    because: SessionEnding


class RecordPasswordChange(Struct, frozen=True, gc=False, tag="record-password-change"):
    account: GivenAccountId


class RecordWaysChange(Struct, frozen=True, gc=False, tag="record-ways-change"):
    """Somebody added a way to sign in as the account, or removed one."""

    account: GivenAccountId


class RecordAccountEnd(Struct, frozen=True, gc=False, tag="record-account-end"):
    """The key to what the platform sealed of the account was destroyed; nobody signs in as it any more."""

    account: GivenAccountId


# Stored forever: tags and fields are the storage format. Only add fields, with defaults.
class AccountOpened(Struct, frozen=True, gc=False, tag="account-opened"):
    """`address` is sealed under the account's own key."""

    account: AccountId
    address: Sealed | None = None


class SignedIn(Struct, frozen=True, gc=False, tag="signed-in"):
    account: AccountId
    session: SessionId
    way: SignInWay


class SignInRefused(Struct, frozen=True, gc=False, tag="sign-in-refused"):
    account: AccountId
    way: SignInWay


class SessionsEnded(Struct, frozen=True, gc=False, tag="sessions-ended"):
    account: AccountId
    sessions: tuple[SessionId, ...]
    because: SessionEnding


class PasswordChanged(Struct, frozen=True, gc=False, tag="password-changed"):
    account: AccountId


class WaysChanged(Struct, frozen=True, gc=False, tag="ways-changed"):
    """There is another way to sign in as the account, or one less."""

    account: AccountId


class AccountForgotten(Struct, frozen=True, gc=False, tag="account-forgotten"):
    """The account is over for good."""

    account: AccountId


type SignInCommand = (
    RecordSignIn | RecordRefusedSignIn | RecordSessionsEnd | RecordPasswordChange | RecordWaysChange | RecordAccountEnd
)
type SignInEvent = (
    AccountOpened | SignedIn | SignInRefused | SessionsEnded | PasswordChanged | WaysChanged | AccountForgotten
)
