"""Forgetting a person in one organization: the mails that are kept to them go, then the keys of what they said.

In this order: which addresses the person had is known only as long as it can be read. Whatever is killed in between,
mails whose address is on the list of erasures go, and whoever asked for the rest has no answer and asks again.
"""

from collections.abc import AsyncIterator, Callable, Sequence

import msgspec
from msgspec import Struct

from consign.domain.account import AccountProfileChanged
from consign.domain.participation.events import (
    ConsignorInvited,
    ConsignorProfileChanged,
    ConsignorRegistered,
    ConsignorWaitlisted,
)
from consign.domain.recorded import StreamName
from consign.domain.turns.actors import account_stream, participation_stream
from consign.domain.values import AccountId, ParticipationId, Sealed
from consign.http.folding import HistoryLog
from consign.http.persons import subject_of
from consign.http.ports import Vault
from consign.http.problems import Refusal
from consign.identity.magic_links import AddressInvalid, normal
from consign.identity.ports import KeptMails, MailUnavailable
from consign.projections.history import DecodeEvent

PAGE_EVENTS = 500

type AddressDigest = Callable[[str], bytes]


class _Contact(Struct, frozen=True):
    email: str = ""


class Forgetting:
    """Forgets; repeating it changes nothing. It may raise LogUnavailable or Refusal, and is then to be repeated."""

    def __init__(
        self, vault: Vault, log: HistoryLog, decode: DecodeEvent, mails: KeptMails, address_digest: AddressDigest
    ) -> None:
        self._vault = vault
        self._log = log
        self._decode = decode
        self._mails = mails
        self._address_digest = address_digest

    async def forget(
        self, organization: str, account: AccountId | None, participations: Sequence[ParticipationId]
    ) -> None:
        """Forget a person with all participations there are.

        What was sealed before the account was known, as the address of an invitation, has the participation's key.
        """
        subjects = [*participations, *(() if account is None else (subject_of("", account),))]
        streams = [participation_stream(each) for each in participations]
        if account is not None:
            streams.append(account_stream(account))
        digests = await self._addresses(organization, frozenset(subjects), streams)
        try:
            await self._mails.forget(digests)
        except MailUnavailable as error:
            detail = "Mails to this person cannot be removed at the moment."
            raise Refusal("mail_unavailable", detail, headers={"Retry-After": "30"}) from error
        for subject in subjects:
            await self._vault.forget(organization, subject)

    async def _addresses(
        self, organization: str, subjects: frozenset[str], streams: Sequence[StreamName]
    ) -> frozenset[bytes]:
        """Return the digests of all addresses that were ever said of the person."""
        said = {each for stream in streams async for each in self._said(organization, stream)}
        own = [(each.subject, each.ciphertext) for each in said if each.subject in subjects]
        contacts = await self._vault.legible(organization, own) if own else ()
        digests = set()
        for content in contacts:
            try:
                address = normal(msgspec.json.decode(content, type=_Contact).email)
            except AddressInvalid:  # no mail can have been sent there
                continue
            digests.add(self._address_digest(address))
        return frozenset(digests)

    async def _said(self, organization: str, stream: StreamName) -> AsyncIterator[Sealed]:
        version = 0
        while events := await self._log.read_stream(organization, stream, version, PAGE_EVENTS):
            version = events[-1].version
            for stored in events:
                said = _profile(self._decode(stored))
                if said is not None:
                    yield said


def _profile(event: object) -> Sealed | None:
    match event:
        case (
            AccountProfileChanged(profile=said)
            | ConsignorProfileChanged(profile=said)
            | ConsignorRegistered(profile=said)
            | ConsignorWaitlisted(profile=said)
            | ConsignorInvited(address=said)
        ):
            return said
        case _:
            return None
