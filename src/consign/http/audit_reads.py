"""Reading that leaves a trace: what is not one's own, and would tell more of people or money than the day's work needs.

The trace is written before anything of the answer is sent, and only where there is an answer: where it cannot be
written, nothing is shown.
"""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from litestar.types import ASGIApp, Message, Receive, Scope, Send
from msgspec import Meta

from consign.domain.auditing import Shown
from consign.http.audit_records import AccessRecords
from consign.http.endpoint import Parameter
from consign.http.exchange import Exchange, exchange_of
from consign.http.problems import Refusal

WHY_LENGTH_MAX = 200
_WHY = b"x-consign-why"
_OK = 200


class Trace(NamedTuple):
    """What is shown, and which of the path's ids says about what; without any it is the endpoint's name."""

    shown: Shown
    ids: tuple[str, ...] = ()


TRACES: Mapping[str, Trace] = {
    "get-payout-details": Trace("payout-details", ("participation",)),
    "get-personal-data": Trace("personal-data", ("account",)),
    "get-personal-data-zip": Trace("personal-data", ("account",)),
    "get-personal-data-of": Trace("personal-data", ("participation",)),
    "get-personal-data-of-zip": Trace("personal-data", ("participation",)),
    "get-quarantined-bytes": Trace("upload", ("sale", "quarantine")),
    "payout-batch-file": Trace("payout-file", ("sale", "batch")),
    "stream-history": Trace("history"),
    "stream-difference": Trace("history"),
    "stream-events": Trace("history"),
    "item-changes": Trace("history"),
    "participation-changes": Trace("history"),
    "read-model-history": Trace("history"),
    "read-model-difference": Trace("history"),
    "audit": Trace("audit"),
    "audit-csv": Trace("audit"),
}
"""By the policy's names of the endpoints."""

WHY = Parameter(
    "X-Consign-Why",
    Annotated[str, Meta(max_length=WHY_LENGTH_MAX)],
    "Why, if it is to be kept with the trace that this leaves: a matter, not a person.",
    place="header",
)


def leaving_traces(records: AccessRecords) -> Any:
    """Make the middleware; it stands behind the check of who may."""

    def traced(app: ASGIApp) -> ASGIApp:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            rule = scope["route_handler"].opt.get("rule", "")
            trace = TRACES.get(rule)
            exchange = exchange_of(scope)
            if trace is None or exchange.scope != "all":
                await app(scope, receive, send)
                return
            because = _because(exchange)
            path: Mapping[str, Any] = scope["path_params"]
            about = " ".join(str(path[name]) for name in trace.ids) or rule

            async def shown(message: Message) -> None:
                if message["type"] == "http.response.start" and message["status"] == _OK:
                    await records.shown(exchange, trace.shown, about, because)
                await send(message)

            await app(scope, receive, shown)

        return serve

    return traced


def _because(exchange: Exchange) -> str:
    """Return why somebody asks, if they say; raises Refusal."""
    given = exchange.headers.get(_WHY, b"")
    try:
        because = given.decode().strip()
    except UnicodeDecodeError:
        because = ""
    if given and (not because.isprintable() or not 0 < len(because) <= WHY_LENGTH_MAX):
        raise Refusal("parameter_invalid", f"X-Consign-Why holds up to {WHY_LENGTH_MAX} printable characters in UTF-8.")
    return because
