"""Names under which people come that mean one organization: its own domains, and its place below the service's."""

from urllib.parse import urlsplit

from msgspec import Struct


class Name(Struct, frozen=True):
    """A host that means one organization. Whoever signs in under it does so for that organization alone."""

    host: str
    organization: str


def address_under(name: Name | None, base: str) -> str:
    """Return where the service is reached under the name: by the scheme and port of `base`, its own address."""
    if name is None:
        return base
    own = urlsplit(base)
    return f"{own.scheme}://{name.host}" if own.port is None else f"{own.scheme}://{name.host}:{own.port}"
