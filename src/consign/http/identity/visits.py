"""A request as signing in sees it, and the refusals of signing in in the words of the problem table."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response
from msgspec import Struct

from consign.domain.rejection import Reason
from consign.http.bodies import JSON
from consign.http.exchange import exchange_of
from consign.http.identity import cookies
from consign.http.identity.devices import device_of
from consign.http.problems import Refusal
from consign.identity.deletions import LeadsAlone
from consign.identity.federated import IssuerAway, UnknownIssuer
from consign.identity.limits import TooManyTries
from consign.identity.magic_links import AddressInvalid
from consign.identity.passwords import LENGTH_MAX, LENGTH_MIN, PasswordUnfit
from consign.identity.ports import MailUnavailable, SignInBusy, SignInFailed, Visit
from consign.identity.sessions import Tokens
from consign.identity.store import IdentityUnavailable

NOT_KEPT = {"Cache-Control": "no-store"}


class SignedIn(Struct, frozen=True):
    """Send `access_token` as a bearer until it expires, then spend `refresh_token` for the next two, once.

    Pages that send a header X-Consign-Page get both as cookies, and null here.
    """

    account: str
    session: UUID
    access_token: str | None
    expires_in_s: int
    refresh_token: str | None
    token_type: str = "Bearer"  # noqa: S105 - how the token is sent


def visit_of(request: Request[Any, Any, Any]) -> Visit:
    """Return from where and with what a request was made."""
    exchange = exchange_of(request.scope)
    device = device_of(request.headers.get("user-agent", ""))
    return Visit(exchange.origin.address, device, exchange.correlation_id, exchange.under)


def session_of(request: Request[Any, Any, Any]) -> UUID:
    """Return the session of whoever asks; raises Refusal where the token is of none."""
    session = exchange_of(request.scope).acting().session_id or ""
    try:
        return UUID(session)
    except ValueError:
        raise Refusal("unknown_session", "The token belongs to no session of this service.") from None


def told(request: Request[Any, Any, Any], tokens: Tokens) -> Response[bytes]:
    """Answer somebody who signed in; nobody on the way may keep it."""
    if not cookies.is_page(exchange_of(request.scope)):
        shown = tokens.access_token, tokens.expires_in_s, tokens.refresh_token
        return said(SignedIn(tokens.account, tokens.session, *shown))
    answer = said(SignedIn(tokens.account, tokens.session, None, tokens.expires_in_s, None))
    cookies.give(answer, tokens)
    return answer


def said(answer: Any) -> Response[bytes]:
    """Answer with something that nobody on the way may keep."""
    return Response(msgspec.json.encode(answer), media_type=JSON, headers=NOT_KEPT)


_UNFIT = {
    "short": f"A password has at least {LENGTH_MIN} characters.",
    "long": f"A password has at most {LENGTH_MAX} characters.",
    "known": "This password is among the first that are tried. Say another one, of several words for instance.",
}


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what signing in raises into refusals; which of the things that were shown is wrong is not said."""
    try:
        yield
    except SignInFailed:
        raise Refusal("sign_in_failed", "This does not sign anybody in, or does not any more.") from None
    except AddressInvalid:
        raise Refusal("body_invalid", "The address is none that mail can be sent to.") from None
    except TooManyTries as error:
        retry = {"Retry-After": str(math.ceil(error.retry_after_s))}
        raise Refusal("too_many_tries", "That was tried too often. Try again later.", headers=retry) from None
    except PasswordUnfit as error:
        raise Refusal("password_unfit", _UNFIT[error.because]) from None
    except UnknownIssuer:
        raise Refusal("body_invalid", "Nobody can sign in with this issuer.") from None
    except IssuerAway as error:
        raise Refusal(
            "issuer_unavailable", "The issuer cannot be asked at the moment.", headers={"Retry-After": "5"}
        ) from error
    except SignInBusy:
        raise Refusal("identity_unavailable", "Too many sign in at once.", headers={"Retry-After": "2"}) from None
    except MailUnavailable as error:
        raise Refusal(
            "mail_unavailable", "No mail can be sent at the moment.", headers={"Retry-After": "30"}
        ) from error
    except IdentityUnavailable as error:
        raise Refusal(
            "identity_unavailable", "Nobody can be signed in at the moment.", headers={"Retry-After": "1"}
        ) from error


@contextmanager
def refusing_to_delete() -> Iterator[None]:
    """Turn what keeps an account from being deleted into a refusal."""
    try:
        yield
    except LeadsAlone as alone:
        named = ", ".join(alone.organizations)
        detail = f"Nobody else leads {named}. Let somebody else lead there first."
        raise Refusal(Reason.LAST_ORGANIZER, detail) from None
