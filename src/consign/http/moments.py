"""Moments of the past, as people and programs name them: a position in the log, or a time.

A time without an offset is meant where the sale is (or the organization, where no sale is named).
"""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request

from consign.actors.queries import ReadModels
from consign.http.endpoint import Parameter
from consign.http.reading import invalid_parameter, parameter, position_of
from consign.http.resources import FilterText
from consign.projections.history import Until
from consign.projections.sales import SALES

POSITION = Parameter("position", int, "As it was at this position of the log.", example=42)
AT = Parameter("at", datetime, "As it was at this time (RFC 3339); without an offset it is meant in the sale's zone.")
ZONE_OF = Parameter("zone_of", str, "The sale whose time zone `at`, `from` and `to` are in; else the organization's.")

_POSITION = re.compile(r"\d{1,18}")


class Moments:
    """Reads moments from query strings; the read models know the zones."""

    def __init__(self, models: ReadModels) -> None:
        self._models = models

    async def until(self, request: Request[Any, Any, Any], organization_id: str) -> Until | None:
        """Return what `position` and `at` say; None where neither is there. Raises Refusal."""
        position, at = request.query_params.get(POSITION.name), request.query_params.get(AT.name)
        if position is None and at is None:
            return None
        return Until(
            position=None if position is None else position_of(POSITION.name, position),
            at=None if at is None else await self._instant(request, organization_id, AT.name, at),
        )

    async def named(self, request: Request[Any, Any, Any], organization_id: str, name: str) -> Until:
        """Return what a parameter says that holds a position or a time; raises Refusal."""
        text = request.query_params.get(name)
        if text is None:
            raise invalid_parameter(name, "is missing")
        if _POSITION.fullmatch(text):
            return Until(position=int(text))
        return Until(at=await self._instant(request, organization_id, name, text))

    async def _instant(self, request: Request[Any, Any, Any], organization_id: str, name: str, text: str) -> datetime:
        try:
            # A plus sign in a query string arrives as a space.
            moment = msgspec.convert(text.replace(" ", "+"), datetime)
        except msgspec.ValidationError as invalid:
            raise invalid_parameter(name, "must be a time such as 2027-03-06T14:05:00+01:00") from invalid
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=await self._zone(request, organization_id))
        try:
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise invalid_parameter(name, "is out of range") from error

    async def _zone(self, request: Request[Any, Any, Any], organization_id: str) -> ZoneInfo:
        sale: str | None = parameter(request, ZONE_OF.name, FilterText)
        if sale is not None:
            found = await self._models.get(organization_id, SALES, "sales", (sale,))
        else:
            found = await self._models.get(organization_id, SALES, "organizations", (organization_id,))
        if found.row is None:
            raise invalid_parameter(ZONE_OF.name, "there is no such sale")
        return ZoneInfo(found.row.time_zone)
