"""What other sites may make a browser do here: nothing that changes anything in the name of whoever is signed in.

A browser sends cookies along whoever's page asks. It also says whose page that is (`Origin`, or `Sec-Fetch-Site` where
there is none), which no page can change. Requests without one of our cookies need no such check: nothing in them
vouches for anybody that a page of another site could have known.
"""

from urllib.parse import urlsplit

from consign.http.exchange import Exchange
from consign.http.problems import Refusal

COOKIE_PREFIX = b"__Host-consign"
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


def origin_of(url: str) -> str:
    """Return the web origin of an address, as browsers write it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def check_own_site(exchange: Exchange, method: str, own_origin: str) -> None:
    """Raise Refusal where a cookie of ours comes with a command that a page of our own did not send.

    Our own are pages at the Host that was asked for, and at `own_origin` unless that Host is an organization's name.
    """
    if method in _SAFE or COOKIE_PREFIX not in exchange.headers.get(b"cookie", b""):
        return
    origin = exchange.header(b"origin").lower()
    if origin:
        scheme, _, authority = origin.partition("://")
        is_plain = scheme != "https" and exchange.origin.is_secure
        is_of_the_host = bool(authority) and authority == exchange.header(b"host").lower() and not is_plain
        is_own = is_of_the_host or (origin == own_origin and exchange.under is None)
    else:
        is_own = exchange.headers.get(b"sec-fetch-site") == b"same-origin"
    if not is_own:
        raise Refusal("cross_site", "A page of another site may not do this in your name.")
