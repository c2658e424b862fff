"""The page behind the links of mails: one piece of HTML that signs people in by the requests that every client has.

Nothing is loaded from anywhere, and no script runs but the one in it (its hash is in the Content-Security-Policy).
"""

import base64
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
from consign.http.identity.visits import NOT_KEPT, refusing
from consign.identity.federated import Federated
from consign.identity.names import address_under

_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


def page_handlers(federated: Federated, public_url: str) -> list[HTTPRouteHandler]:
    """Make the handler; issuers send browsers back to the page at `public_url`."""
    endpoint = Endpoint("sign-in-page", "The page to sign in with.", "sign-in", str, answer_type="text/html")
    made: list[tuple[bytes, str]] = []

    async def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        elsewhere = await _begun_elsewhere(request, federated, public_url)
        if elsewhere:
            return Response(b"", status_code=303, headers={**NOT_KEPT, "Location": elsewhere})
        if not made:
            made.append(_page(federated.issuers))
        page, policy = made[0]
        headers = {**NOT_KEPT, "Content-Security-Policy": policy, "Cross-Origin-Opener-Policy": "same-origin"}
        return Response(page, media_type="text/html", headers=headers)

    return [get("/sign-in", name=endpoint.rule, opt=endpoint.opt())(show)]


async def _begun_elsewhere(request: Request[Any, Any, Any], federated: Federated, public_url: str) -> str | None:
    """Return where a browser goes on that an issuer sent back to the service's own address, and began elsewhere."""
    query: bytes = request.scope["query_string"]
    (state, *_) = parse_qs(query.decode("latin-1")).get("state", [""])
    if not state or exchange_of(request.scope).under is not None:
        return None
    with refusing():
        name = await federated.begun_under(state)
    return None if name is None else f"{address_under(name, public_url)}/sign-in?{query.decode('latin-1')}"


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
