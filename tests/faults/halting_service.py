"""The service, with one addition: a freeze stands still after its first statement, as if the power went just then."""

import asyncio
import os
from datetime import timedelta
from typing import Any

from consign.actors.ports import Accepted
from consign.domain.turns import concluding, freezing
from consign.http.settling import Settling
from consign.service import serve
from consign.settings import settings_from

_step = Settling._step


async def _first_step_only(self: Settling, exchange: Any, command: Any, digest: bytes, step: int) -> Accepted:
    if step:
        await asyncio.Event().wait()
    return await _step(self, exchange, command, digest, step)


def _set(where: Any, **values: Any) -> None:
    for name, value in values.items():
        assert hasattr(where, name), f"{where} has no {name} any more"
        setattr(where, name, value)


if __name__ == "__main__":
    limit = timedelta(seconds=float(os.environ["CONSIGN_FREEZE_LIMIT_S"]))
    _set(freezing, STATEMENTS_LIMIT=1, FREEZE_LIMIT=limit)
    _set(concluding, FREEZE_LIMIT=limit)
    _set(Settling, _step=_first_step_only)
    serve(settings_from())
