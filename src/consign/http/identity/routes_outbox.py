"""A page that shows the mails in the outbox, for development: on this machine alone, where the servers are embedded.

Whoever reads it can sign in as anybody who asked for a mail, so a request by a proxy, or under a name that is not this
machine's own (a page of another site may have had its name pointed here), is told that there is nothing.
"""

import html
import re
from collections.abc import Sequence
from typing import Any, Protocol

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from consign.http.addresses import is_this_machine
from consign.http.endpoint import Endpoint
from consign.http.exchange import Exchange, exchange_of
from consign.http.identity.tokens import WRITTEN_BY_PROXIES
from consign.http.identity.visits import NOT_KEPT
from consign.http.problems import Refusal

SHOWN_MAX = 20
_OWN_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")


class Outbox(Protocol):
    """Mails that were written."""

    async def newest(self, limit: int) -> Sequence[str]:
        """Return whole messages, the newest first."""
        ...


def outbox_handlers(outbox: Outbox | None) -> list[HTTPRouteHandler]:
    """Make the handler; no `outbox`: there is nothing to show."""
    endpoint = Endpoint(
        "outbox", "The newest mails, for development on this machine.", "sign-in", str, answer_type="text/html"
    )

    async def show(request: Request[Any, Any, Any]) -> Response[str]:
        if outbox is None or not _is_local(exchange_of(request.scope)):
            raise Refusal("not_found", "There is nothing here.")
        mails = "".join(f"<pre>{html.escape(mail)}</pre><hr>" for mail in await outbox.newest(SHOWN_MAX))
        page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Outbox</title><body>{mails}</body></html>'
        return Response(page, media_type="text/html; charset=utf-8", headers=NOT_KEPT)

    return [get("/development/outbox", name=endpoint.rule, opt=endpoint.opt())(show)]


def _is_local(exchange: Exchange) -> bool:
    return (
        is_this_machine(exchange.peer)
        and WRITTEN_BY_PROXIES.isdisjoint(exchange.headers)
        and _OWN_HOST.fullmatch(exchange.header(b"host")) is not None
    )
