"""Who people are: sealed before anything else sees it, under one key a person, and opened for whoever needs names.

A person with an account has one key for all sales; a consignor without one has that of the participation. To forget a
person is to destroy the keys: what was sealed stays and means nothing.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct

from consign.domain.values import AccountId, Name, ParticipationId, Sealed, Text
from consign.http.exchange import Exchange
from consign.http.ports import Vault
from consign.http.problems import Refusal

NAMES_FOR = frozenset(("organizer", "volunteer"))
"""Roles that see who others are."""

FORGOTTEN = "This person was forgotten, for good."

PROFILE_EXAMPLE = {"name": "Ada Example", "email": "ada@example.org"}

_ACCOUNTS = UUID("01935f00-0000-7000-8000-00000000acc0")
_CODE_BYTES = 10


class Profile(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who somebody is. Sealed under the person's own key; gone when the person is forgotten."""

    name: Name
    email: Text = ""
    phone: Text = ""
    address: Text = ""


def subject_of(participation: ParticipationId | str, account: AccountId | str | None) -> str:
    """Return under whose key a consignor's data is sealed: the account's, where there is one."""
    return str(participation) if account is None else str(uuid5(_ACCOUNTS, account))


class Persons:
    """Seals and opens profiles."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def sealed(self, exchange: Exchange, subject: str, profile: Profile) -> Sealed:
        """Return the profile as only the holder of the subject's key can read it; raises Refusal for the forgotten."""
        found = (await self.all_sealed(exchange, {subject: profile}))[subject]
        if found is None:
            raise Refusal("person_forgotten", FORGOTTEN)
        return found

    async def sealed_if_said(self, exchange: Exchange, subject: str, profile: Profile | None) -> Sealed | None:
        """Return the same; None where no profile was said."""
        return None if profile is None else await self.sealed(exchange, subject, profile)

    async def sealed_until(
        self, exchange: Exchange, subject: str, profile: Profile | None, ends_at: datetime
    ) -> Sealed | None:
        """Return the profile sealed under a key that is destroyed then; None where none was said, or it is over."""
        if profile is None:
            return None
        plain = [msgspec.json.encode(profile)]
        sealed = await self._vault.seal_until(exchange.organization, subject, plain, ends_at)
        return None if sealed is None else Sealed(subject, sealed[0])

    async def all_sealed(self, exchange: Exchange, profiles: Mapping[str, Profile]) -> Mapping[str, Sealed | None]:
        """Return each subject's profile sealed; None for who was forgotten."""
        if not profiles:
            return {}
        plain = {subject: msgspec.json.encode(profile) for subject, profile in profiles.items()}
        sealed = await self._vault.seal(exchange.organization, plain)
        return {
            subject: None if ciphertext is None else Sealed(subject, ciphertext)
            for subject, ciphertext in sealed.items()
        }

    async def opened(self, organization: str, sealed: Sequence[Sealed | None]) -> Sequence[Profile | None]:
        """Return the profiles in order; None where none was said, or the person was forgotten."""
        given = [(each.subject, each.ciphertext) for each in sealed if each is not None]
        plain = iter(await self._vault.unseal(organization, given)) if given else iter(())
        found: list[Profile | None] = []
        for each in sealed:
            content = None if each is None else next(plain)
            found.append(None if content is None else msgspec.json.decode(content, type=Profile))
        return found

    def digest(self, content: bytes) -> bytes:
        """Return a keyed hash, for recognising a repeated body without keeping something to guess it from."""
        return self._vault.digest(content)

    def invitation_code(self, organization: str, participation: str) -> str:
        """Return the code of an invitation: the same each time, and only this installation can make it."""
        made = self._vault.digest(f"invitation {organization}/{participation}".encode())
        letters = base64.b32encode(made[:_CODE_BYTES]).decode()
        return "-".join(letters[index : index + 4] for index in range(0, len(letters), 4))


def code_digest(code: str) -> str:
    """Return what the log knows a code by, however people wrote it."""
    return sha256("".join(code.upper().split()).replace("-", "").encode()).hexdigest()
