"""What operators and machines ask of the process itself: is it alive, is it ready, how is it doing."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from consign.http.endpoint import Endpoint
from consign.http.metrics import Metrics
from consign.http.ports import Standing
from consign.http.problems import Refusal

METRICS_PATH = b"/metrics"
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OK = "ok"
DEGRADED = "degraded"


class Health(Struct, frozen=True):
    status: str


class Readiness(Struct, frozen=True):
    """`parts` says for each part `ok`, `degraded: …` (it still serves) or what is the matter."""

    status: str
    parts: Mapping[str, str]


def operations_handlers(standing: Standing, metrics: Metrics) -> list[HTTPRouteHandler]:
    """Make the handlers."""
    health = Endpoint(rule="health", summary="Whether the process lives.", tag="operations", answer=Health)
    ready = Endpoint(
        rule="ready",
        summary="Whether the process serves, and how each part stands; 503 when it does not.",
        tag="operations",
        answer=Readiness,
    )
    scrape = Endpoint(
        rule="metrics", summary="Figures for Prometheus.", tag="operations", answer=str, answer_type="text/plain"
    )

    async def tell_health() -> Health:
        return Health(OK)

    async def tell_ready() -> Response[Readiness]:
        parts = await standing.readiness()
        serves = all(state == OK or state.startswith(DEGRADED) for state in parts.values())
        return Response(Readiness(OK if serves else "not ready", parts), status_code=200 if serves else 503)

    async def tell_metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        # A proxy hides this address (deploy/Caddyfile), and may not know every way to write it.
        if request.scope["raw_path"] != METRICS_PATH:
            raise Refusal("not_found", "There is nothing at this address.")
        return Response(metrics.render(), media_type=METRICS_TYPE)

    return [
        get("/health", name="health", opt=health.opt())(tell_health),
        get("/ready", name="ready", opt=ready.opt())(tell_ready),
        get("/metrics", name="metrics", opt=scrape.opt())(tell_metrics),
    ]
