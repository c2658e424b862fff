"""The page behind the links of mails: one piece of HTML that signs people in by the requests that every client has.

Nothing is loaded from anywhere, and no script runs but the one in it (its hash is in the Content-Security-Policy).
"""

import base64
import html
import re
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from consign.http.endpoint import Endpoint
from consign.http.exchange import exchange_of
from consign.http.hosts import Hosts
from consign.http.identity.visits import NOT_KEPT, refusing
from consign.identity.federated import Federated
from consign.identity.names import Name, address_under

_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


def page_handlers(federated: Federated, hosts: Hosts, public_url: str) -> list[HTTPRouteHandler]:
    """Make the handler; issuers send browsers back to the page at `public_url`."""
    endpoint = Endpoint("sign-in-page", "The page to sign in with.", "sign-in", str, answer_type="text/html")
    made: list[tuple[bytes, str]] = []

    async def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        name = await _begun_under(request, federated)
        if name is not None:
            url = f"{address_under(name, public_url)}/sign-in?{request.scope['query_string'].decode('latin-1')}"
            return _sent_on(url) if hosts.is_own(name.host) else _asked_whether(name, url)
        if not made:
            made.append(_page(federated.issuers))
        page, policy = made[0]
        headers = {**NOT_KEPT, "Content-Security-Policy": policy, "Cross-Origin-Opener-Policy": "same-origin"}
        return Response(page, media_type="text/html", headers=headers)

    return [get("/sign-in", name=endpoint.rule, opt=endpoint.opt())(show)]


async def _begun_under(request: Request[Any, Any, Any], federated: Federated) -> Name | None:
    """Return the name under which a browser began that an issuer sent back to the service's own address."""
    query: bytes = request.scope["query_string"]
    (state, *_) = parse_qs(query.decode("latin-1")).get("state", [""])
    if not state or exchange_of(request.scope).under is not None:
        return None
    with refusing():
        return await federated.begun_under(state)


def _sent_on(url: str) -> Response[bytes]:
    return Response(b"", status_code=303, headers={**NOT_KEPT, "Location": url})


def _asked_whether(name: Name, url: str) -> Response[bytes]:
    """Ask before going on to a domain: whoever holds it may have made somebody come here who was never there."""
    parts = files("consign.http.identity") / "page"
    style = (parts / "sign_in.css").read_text("utf-8")
    page = (parts / "onward.html").read_text("utf-8")
    for part, text in (("STYLE", style), ("HOST", html.escape(name.host)), ("URL", html.escape(url))):
        page = page.replace(f"__{part}__", text)
    policy = (
        f"default-src 'none'; style-src 'sha256-{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {**NOT_KEPT, "Content-Security-Policy": policy, "Cross-Origin-Opener-Policy": "same-origin"}
    return Response(page.encode(), media_type="text/html; charset=utf-8", headers=headers)


def _page(issuers: Sequence[str]) -> tuple[bytes, str]:
    """Return the page and its Content-Security-Policy."""
    parts = files("consign.http.identity") / "page"
    style, script = ((parts / name).read_text("utf-8") for name in ("sign_in.css", "sign_in.js"))
    known = msgspec.json.encode(issuers).decode().replace("<", "\\u003c")
    page = (parts / "sign_in.html").read_text("utf-8")
    for name, text in (("STYLE", style), ("SCRIPT", script), ("ISSUERS", known)):
        page = page.replace(f"__{name}__", text)
    allowed = {kind: f"'sha256-{_digest(text)}'" for kind, text in _INLINE.findall(page)}
    policy = (
        f"default-src 'none'; script-src {allowed['script']}; style-src {allowed['style']}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return page.encode(), policy


def _digest(text: str) -> str:
    return base64.b64encode(sha256(text.encode()).digest()).decode()
