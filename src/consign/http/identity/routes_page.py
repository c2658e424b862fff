"""The page behind the links of mails: one piece of HTML that signs people in by the requests that every client has.

Nothing is loaded from anywhere, and no script runs but the one in it (its hash is in the Content-Security-Policy).
"""

import base64
import re
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from consign.http.endpoint import Endpoint
from consign.http.identity.visits import NOT_KEPT

_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


def page_handlers(issuers: Sequence[str]) -> list[HTTPRouteHandler]:
    """Make the handler; `issuers` are those that people may sign in with."""
    endpoint = Endpoint("sign-in-page", "The page to sign in with.", "sign-in", str, answer_type="text/html")
    made: list[tuple[bytes, str]] = []

    async def show() -> Response[bytes]:
        if not made:
            made.append(_page(issuers))
        page, policy = made[0]
        headers = {**NOT_KEPT, "Content-Security-Policy": policy, "Cross-Origin-Opener-Policy": "same-origin"}
        return Response(page, media_type="text/html; charset=utf-8", headers=headers)

    return [get("/sign-in", name=endpoint.rule, opt=endpoint.opt())(show)]


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
