"""The service under test as a process: it prints its address once it listens."""

from typing import TYPE_CHECKING

from consign.service import serve
from consign.settings import settings_from

if TYPE_CHECKING:
    from consign.service.process import Service


def announce(service: "Service") -> None:
    """Tell the parent where to send requests."""
    print(service.url, flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    serve(settings_from(), announce)
