"""Errors of the router and of the engine in the words of the problem table."""

from http import HTTPStatus

import structlog
from litestar.exceptions import HTTPException, ValidationException

from consign.actors.ports import LogError, LogUnavailable, UnknownOrganization
from consign.actors.queries import QueryRefused, ReadModelMissing, ReadModelStopped
from consign.http.problems import Refusal, error

_log = structlog.get_logger("consign.request")

FAILED = Refusal("internal_error", "This is a defect of the service; the correlation id finds it in the log.")
OVERDUE = Refusal(
    "timed_out", "The answer was not there in time. Try again with the same key.", headers={"Retry-After": "5"}
)
CUT_OFF = Refusal(
    "stopping",
    "This process ends before the outcome is known. Try again with the same key.",
    headers={"Retry-After": "1"},
)


_BY_STATUS = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "request_timeout",
    413: "payload_too_large",
    415: "unsupported_media_type",
}


def refusal_of(raised: HTTPException | LogError) -> Refusal:
    """Say what went wrong to a client."""
    return _of_the_engine(raised) if isinstance(raised, LogError) else _of_the_router(raised)


def _of_the_engine(raised: LogError) -> Refusal:
    soon = {"Retry-After": "1"}
    match raised:
        case ReadModelMissing():
            return Refusal("not_yet", "The read model is not there yet. Ask again.", headers=soon)
        case ReadModelStopped():
            later = {"Retry-After": "60"}
            return Refusal("projection_stopped", "The read model is stopped; operators were told.", headers=later)
        case QueryRefused():
            reason = "cursor_invalid" if "cursor" in str(raised) else "parameter_invalid"
            return Refusal(reason, f"The query cannot be answered: {raised}.")
        case UnknownOrganization():
            return Refusal("unknown_organization", "There is no organization of this name.")
        case LogUnavailable():
            _log.warning("log_unavailable", error=str(raised))
            return Refusal("log_unavailable", "The database cannot be reached. Try again.", headers=soon)
        case _:
            _log.error("engine_failed", error=repr(raised))
            return FAILED


def _of_the_router(raised: HTTPException) -> Refusal:
    if raised.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FAILED
    if isinstance(raised, ValidationException):
        found = raised.extra if isinstance(raised.extra, list) else []
        errors = [error(f"/{entry.get('key', '')}", "invalid", str(entry.get("message", ""))) for entry in found]
        return Refusal("parameter_invalid", "A parameter is not valid.", errors=errors)
    reason = _BY_STATUS.get(raised.status_code, "malformed_request")
    return Refusal(reason, raised.detail or HTTPStatus(raised.status_code).phrase, headers=raised.headers)
