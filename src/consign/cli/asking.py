"""A client of the service that a command talks to: a running one by address, or the data directory's."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from consign.client import Client

PATIENCE_S = 5.0
"""Somebody waits at the terminal: an address where nothing answers is told of soon."""


@asynccontextmanager
async def asking(
    data_directory: Path,
    url: str | None,
    token: str | None,
    organization: str,
    role: str,
    patience_s: float = PATIENCE_S,
) -> AsyncIterator[Client]:
    """Lend a client; without a token one with `role` is minted by the data directory's key."""
    from consign.cli.place import mint, service, token_key
    from consign.settings import settings_from

    async with AsyncExitStack() as stack:
        key = b""
        if url is None:
            address = await stack.enter_async_context(service(data_directory))
            url, key = address.url, address.token_key
        elif token is None:
            key = token_key(settings_from(data_directory=data_directory))
        if token is None:
            token = mint(key, f"consign-{role}", organization, (role,))
        yield await stack.enter_async_context(Client(url, token, organization, patience_s=patience_s))
