"""What becomes of accounts, as commands on the platform's log."""

from collections.abc import Collection, Sequence
from hashlib import sha256
from uuid import UUID

import msgspec
from msgspec import Struct
from uuid_utils.compat import uuid7

from consign.actors.ports import Accepted, Issued
from consign.domain.device import DeviceAnswer, DeviceId, EnrolDevice, RecordRefusedPin
from consign.domain.members import PLATFORM
from consign.domain.signing_in import (
    RecordAccountEnd,
    RecordPasswordChange,
    RecordRefusedSignIn,
    RecordSessionsEnd,
    RecordSignIn,
    RecordWaysChange,
    SignInCommand,
)
from consign.domain.values import AccountId, Sealed, SessionId
from consign.http.exchange import meta_of
from consign.http.persons import FORGOTTEN, subject_of
from consign.http.ports import CommandGateway, Vault
from consign.http.problems import Refusal
from consign.http.submit import derived_id, submitted
from consign.identity.ports import Asker, Ending, Visit, Way, WrongPin

STRANGER = AccountId("nobody")
"""Whoever could not sign in."""


class Address(Struct, frozen=True):
    """What is sealed of an account when it is opened."""

    email: str


class PlatformFacts:
    """Each fact is a command of its own; what cannot be recorded raises Refusal, and is not answered as done."""

    def __init__(self, gateway: CommandGateway, vault: Vault) -> None:
        self._gateway = gateway
        self._vault = vault

    async def signed_in(self, visit: Visit, account: str, session: UUID, way: Way, address: str | None) -> None:
        """Record that somebody signed in."""
        if address is None and await self._vault.forgotten(PLATFORM, (subject_of("", account),)):
            raise Refusal("person_forgotten", FORGOTTEN)
        sealed = None if address is None else await self._sealed(account, address)
        command = RecordSignIn(AccountId(account), SessionId(str(session)), way, sealed)
        await self._record(visit, account, command)

    async def refused(self, visit: Visit, account: str, way: Way) -> None:
        """Record that somebody could not."""
        await self._record(visit, STRANGER, RecordRefusedSignIn(AccountId(account), way))

    async def sessions_ended(self, visit: Visit, account: str, sessions: Sequence[UUID], because: Ending) -> None:
        """Record that sessions ended."""
        ended = tuple(SessionId(str(each)) for each in sessions)
        who = STRANGER if because == "token_reused" else account
        await self._record(visit, who, RecordSessionsEnd(AccountId(account), ended, because))

    async def password_changed(self, visit: Visit, account: str) -> None:
        """Record that an account has a new password."""
        await self._record(visit, account, RecordPasswordChange(AccountId(account)))

    async def ways_changed(self, visit: Visit, account: str) -> None:
        """Record that somebody signs in as an account in another way, or one less."""
        await self._record(visit, account, RecordWaysChange(AccountId(account)))

    async def account_deleted(self, visit: Visit, account: str, by: str, deletion: UUID) -> None:
        """Destroy the key of what is sealed of the account, and record that it is over."""
        await self._vault.forget(PLATFORM, subject_of("", account))
        command_id = derived_id(deletion, "platform")
        await self._record(visit, by, RecordAccountEnd(AccountId(account)), command_id)

    async def forgotten(self, accounts: Collection[str]) -> Collection[str]:
        """Return those that are over for good."""
        subjects = {subject_of("", account): account for account in accounts}
        return [subjects[each] for each in await self._vault.forgotten(PLATFORM, subjects)]

    async def _sealed(self, account: str, address: str) -> Sealed:
        subject = subject_of("", account)
        ciphertext = (await self._vault.seal(PLATFORM, {subject: msgspec.json.encode(Address(address))}))[subject]
        if ciphertext is None:
            raise Refusal("person_forgotten", FORGOTTEN)
        return Sealed(subject, ciphertext)

    async def _record(self, visit: Visit, who: str, command: SignInCommand, command_id: UUID | None = None) -> None:
        command_id = command_id or uuid7()
        digest = sha256(command_id.bytes).digest()
        correlation = visit.correlation_id
        await submitted(
            self._gateway,
            Issued(
                PLATFORM,
                command_id,
                who,
                "guest",
                digest,
                command,
                correlation,
                command_id,
                meta=meta_of(visit.peer),
            ),
        )


class OrganizationFacts:
    """What becomes of devices, as commands on their organization's log; what is refused there raises Refusal."""

    def __init__(self, gateway: CommandGateway) -> None:
        self._gateway = gateway

    async def device_enrolled(self, visit: Visit, organization: str, device: str, code_digest: bytes) -> str:
        """Record that a machine became the device, once for each code."""
        command_id = UUID(bytes=sha256(code_digest).digest()[:16], version=4)
        command = EnrolDevice(DeviceId(device))
        accepted = await self._record(visit, organization, device, Asker(device, "device"), command, command_id)
        return msgspec.json.decode(accepted.answer, type=DeviceAnswer).name

    async def pin_refused(self, visit: Visit, asker: Asker, wrong: WrongPin) -> None:
        """Record that somebody showed a wrong PIN at a device."""
        account = None if wrong.account is None else AccountId(wrong.account)
        command = RecordRefusedPin(DeviceId(wrong.device), account, wrong.use, wrong.times)
        await self._record(visit, wrong.organization, wrong.device, asker, command, uuid7())

    async def _record(
        self,
        visit: Visit,
        organization: str,
        device: str,
        asker: Asker,
        command: EnrolDevice | RecordRefusedPin,
        command_id: UUID,
    ) -> Accepted:
        issued = Issued(
            *(organization, command_id, asker.account, asker.role, sha256(command_id.bytes).digest(), command),
            *(visit.correlation_id, command_id),
            device_id=device,
            meta=meta_of(visit.peer),
        )
        return await submitted(self._gateway, issued)
