"""Cookies of browsers that are signed in: what they hold, and when they count in place of a token.

Scripts cannot read them, no other host and no plain connection can set them (`__Host-`, RFC 6265bis). The edge refuses
commands that bear one and come from another site's page (`consign.http.cross_site`); beside that a command needs a
header here, which a page of another site cannot send without being asked about first.
"""

from http.cookies import CookieError, SimpleCookie
from typing import Any

from litestar import Response
from litestar.datastructures import Cookie

from consign.http.exchange import Exchange
from consign.http.problems import Refusal
from consign.identity.sessions import UNUSED, Tokens

ACCESS = "__Host-consign"
REFRESH = "__Host-consign-refresh"
PAGE_HEADER = b"x-consign-page"
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


def is_page(exchange: Exchange) -> bool:
    """Whether a page of ours asks, which wants cookies and no tokens."""
    return PAGE_HEADER in exchange.headers


def cookie(exchange: Exchange, name: str) -> str | None:
    """Return what the cookie holds."""
    header = exchange.header(b"cookie")
    if name not in header:
        return None
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return None
    return None if found is None else found.value


def believe_cookie(exchange: Exchange, method: str) -> None:
    """Let the cookie stand for the token that was not sent; raises Refusal where a command lacks the header."""
    token = cookie(exchange, ACCESS)
    if token is None:
        return
    if method not in _SAFE:
        require_page(exchange)
    exchange.headers = {**exchange.headers, b"authorization": f"Bearer {token}".encode("latin-1", "replace")}


def require_page(exchange: Exchange) -> None:
    """Raise Refusal where the header is missing that only pages of ours send."""
    if not is_page(exchange):
        raise Refusal("cross_site", "Send a header X-Consign-Page with commands that bear a cookie.")


def give(answer: Response[Any], tokens: Tokens) -> None:
    """Put the tokens into cookies."""
    answer.set_cookie(_cookie(ACCESS, tokens.access_token, tokens.expires_in_s))
    answer.set_cookie(_cookie(REFRESH, tokens.refresh_token, int(UNUSED.total_seconds())))


def take(answer: Response[Any]) -> None:
    """Remove the cookies."""
    for name in (ACCESS, REFRESH):
        answer.set_cookie(_cookie(name, "", 0))


def _cookie(name: str, value: str, lifetime_s: int) -> Cookie:
    return Cookie(key=name, value=value, path="/", max_age=lifetime_s, secure=True, httponly=True, samesite="lax")
