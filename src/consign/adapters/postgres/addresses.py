"""The database's addresses by role."""

import hmac
from typing import NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from consign.adapters.postgres.migrate import RolePasswords


class DatabaseAddresses(NamedTuple):
    """How each role reaches the database; `administrator` migrates, and nothing else."""

    administrator: str
    writer: str
    projector: str
    reader: str
    identity: str
    passwords: RolePasswords


def addresses_of(administrator_url: str, passwords: RolePasswords | None = None) -> DatabaseAddresses:
    """Derive the roles' addresses. Without given passwords they follow from the administrator's.

    So every process that is given the same address comes to the same passwords, and nothing more has to be shared.
    """
    if passwords is None:
        secret = unquote(urlsplit(administrator_url).password or "").encode()
        passwords = RolePasswords(
            *(hmac.digest(secret, f"consign role {role}".encode(), "sha256").hex() for role in RolePasswords._fields)
        )
    return DatabaseAddresses(
        administrator_url,
        _as_role(administrator_url, "consign_writer", passwords.writer),
        _as_role(administrator_url, "consign_projector", passwords.projector),
        _as_role(administrator_url, "consign_reader", passwords.reader),
        _as_role(administrator_url, "consign_identity", passwords.identity),
        passwords,
    )


def _as_role(url: str, role: str, password: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{parts.netloc.rpartition('@')[2]}"))
