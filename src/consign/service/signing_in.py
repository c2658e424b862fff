"""Signing in as this process offers it: the store, the sessions, and the task that learns which ended."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from consign.actors.queries import ReadModels
from consign.adapters.crypto.argon2 import Argon2
from consign.adapters.crypto.identity_secrets import IdentitySecrets
from consign.adapters.oidc.code_exchange import OidcClient
from consign.adapters.postgres.identity_store import PostgresIdentityStore
from consign.adapters.postgres.key_store import PostgresKeyStore
from consign.adapters.postgres.machine_store import PostgresMachineStore
from consign.adapters.postgres.nats_credentials import PostgresNatsCredentials
from consign.adapters.postgres.pin_store import PostgresPinStore
from consign.adapters.postgres.web_store import PostgresWebStore
from consign.http.app import SignIn
from consign.http.identity.leaving import Leaving
from consign.http.identity.recording import OrganizationFacts, PlatformFacts
from consign.http.identity.routes_pins import PinHolders
from consign.http.ports import CommandGateway, Vault
from consign.identity.access_tokens import AccessTokens
from consign.identity.api_keys import ApiKeys
from consign.identity.deletions import Deletions
from consign.identity.devices import Devices
from consign.identity.ended_sessions import EndedSessions
from consign.identity.federated import Federated
from consign.identity.machines import Machines
from consign.identity.magic_links import MagicLinks
from consign.identity.passwords import Passwords
from consign.identity.pins import Pins
from consign.identity.receipt_mails import ReceiptMails
from consign.identity.sessions import Sessions
from consign.identity.ways import Ways
from consign.service.mailing import Mailing
from consign.service.retention import Kind
from consign.settings import Settings


class SigningIn:
    """`url` names the role that reaches what people sign in with."""

    def __init__(self, url: str) -> None:
        self._store = PostgresIdentityStore(url)
        self.web_store = PostgresWebStore(self._store.connections)
        self.nats_credentials = PostgresNatsCredentials(self._store.connections)
        self._argon2 = Argon2()
        self._machine_store = PostgresMachineStore(self._store.connections)
        self._key_store = PostgresKeyStore(self._store.connections)
        self.machines = Machines(self._machine_store, self._key_store)
        self.ended = EndedSessions(self._store, self._machine_store)
        self.kinds: Mapping[str, Kind] = {}

    def offered(
        self,
        settings: Settings,
        access_tokens: AccessTokens,
        secrets: IdentitySecrets,
        gateway: CommandGateway,
        vault: Vault,
        clients: Mapping[str, OidcClient],
        models: ReadModels,
        leaving: Leaving,
        mailing: Mailing,
    ) -> SignIn:
        """Put together what the HTTP application offers."""
        facts = PlatformFacts(gateway, vault)
        sessions = Sessions(self._store, facts, access_tokens, self.ended)
        self._deletions = deletions = Deletions(self._store, facts, sessions, leaving, mailing.kept)
        self.kinds = {
            "sign_ins": Kind(timedelta(days=settings.sign_ins_kept_days), self._store.purge),
            "deleted_accounts": Kind(timedelta(), deletions.go_on),
        }
        mailer = mailing.mailer
        links = MagicLinks(self._store, facts, mailer, secrets, sessions, base=settings.public_url)
        passwords = Passwords(self._store, facts, secrets, self._argon2, sessions)
        federated = Federated(self._store, secrets, sessions, clients, deletions)
        ways = Ways(self._store, facts, mailer, secrets, sessions, federated, mailing.kept)
        at_devices = OrganizationFacts(gateway)
        devices = Devices(self._machine_store, at_devices, secrets, self.ended)
        pins = Pins(
            PostgresPinStore(self._store.connections),
            PinHolders(models),
            facts,
            at_devices,
            secrets,
            self._argon2,
            sessions,
            self.ended,
        )
        return SignIn(
            links,
            passwords,
            federated,
            sessions,
            deletions,
            ways,
            devices,
            pins,
            ApiKeys(self._key_store, self.ended),
            ReceiptMails(mailer, secrets),
            mailing.shown,
        )

    async def delete_again(self) -> int:
        """Delete again what a restore has brought back of accounts that were deleted; return how many."""
        return await self._deletions.begin_again()

    def start(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Begin to learn which sessions end in other processes."""
        return [tasks.create_task(self.ended.run())]

    async def close(self) -> None:
        """Close the connections, and end the threads."""
        self._argon2.close()
        await self._store.close()
