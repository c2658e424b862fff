"""An account of NATS per organization: what its integrators may read, as a part of the server's configuration.

The stream of public events lies in the account PUBLIC, where no integrator has a user. An organization's account
imports its own subjects from there, and of the requests of JetStream only those about its integrators' own consumers:
asking for the next messages, asking how the consumer stands, and acknowledging. Consumers are made by the service. An
integrator that could make one might have it deliver to any subject of PUBLIC, requests of JetStream among them.

JetStream's own prefix `$JS.API` answers for the account itself, which has no JetStream: the requests that go to PUBLIC
have the prefix `consign.api`, which every client lets one set.
"""

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import groupby
from typing import NamedTuple

from consign.adapters.nats.public_stream import STREAM

EXPORTS_FILE = "organization-exports.conf"
ACCOUNTS_FILE = "organization-accounts.conf"

API_PREFIX = "consign.api"

_JETSTREAM_PREFIX = "$JS.API"
_NAME = re.compile(r"[a-z0-9-]{1,40}")


class Credential(NamedTuple):
    """What one integrator of an organization logs in with; `serial` counts how often it was renewed."""

    organization_id: str
    integrator: str
    serial: int

    @property
    def user(self) -> str:
        """The name to log in with, which is the consumer's too; neither part holds an underscore."""
        return f"{self.organization_id}_{self.integrator}"

    @property
    def subjects(self) -> str:
        """The subjects of the organization's public events."""
        return f"consign.v1.{self.organization_id}.>"

    @property
    def requests(self) -> tuple[str, ...]:
        """What the integrator may publish: requests about its own consumer, and acknowledgements."""
        consumer = f"{STREAM}.{self.user}"
        return (
            f"{API_PREFIX}.CONSUMER.MSG.NEXT.{consumer}",
            f"{API_PREFIX}.CONSUMER.INFO.{consumer}",
            f"$JS.ACK.{consumer}.>",
        )

    def password(self, installation_key: bytes) -> str:
        """Return the password, which follows from the installation's key: it is kept nowhere but with the server."""
        said = f"consign nats {self.organization_id} {self.integrator} {self.serial}"
        return hmac.digest(installation_key, said.encode(), sha256).hex()


def rendered(credentials: Sequence[Credential], installation_key: bytes) -> Mapping[str, str]:
    """Return the two files that the server's configuration includes, by name: PUBLIC's exports, and the accounts."""
    exports: list[str] = []
    accounts: list[str] = []
    ordered = sorted(credentials)
    for organization, of_it in groupby(ordered, lambda each: each.organization_id):
        members = list(of_it)
        if not all(_NAME.fullmatch(name) for each in members for name in (organization, each.integrator)):
            raise ValueError(f"{organization} or one of its integrators has a name that is none")
        name = account_name(organization)
        exports += _exports(name, members)
        accounts.append(_account(name, members, installation_key))
    return {
        EXPORTS_FILE: f"exports: [\n{_lines(exports)}]\n" if exports else "",
        ACCOUNTS_FILE: "".join(accounts),
    }


def is_name(integrator: str) -> bool:
    """Whether an integrator may be called so."""
    return _NAME.fullmatch(integrator) is not None


def account_name(organization: str) -> str:
    """Name the organization's account."""
    return f"ORGANIZATION-{organization}"


def _exports(account: str, members: Sequence[Credential]) -> list[str]:
    only = f"accounts: [{_quoted(account)}]"
    services = [request for each in members for request in each.requests]
    return [
        f"{{ stream: {_quoted(members[0].subjects)}, {only} }}",
        *(f"{{ service: {_quoted(_in_public(each))}, response_type: Stream, {only} }}" for each in services),
    ]


def _account(account: str, members: Sequence[Credential], installation_key: bytes) -> str:
    services = [request for each in members for request in each.requests]
    imports = [
        f"{{ stream: {{ account: PUBLIC, subject: {_quoted(members[0].subjects)} }} }}",
        *(
            f"{{ service: {{ account: PUBLIC, subject: {_quoted(_in_public(each))} }}, to: {_quoted(each)} }}"
            for each in services
        ),
    ]
    users = [_user(each, installation_key) for each in members]
    return f"{_quoted(account)} {{\n  imports: [\n{_lines(imports)}  ]\n  users: [\n{_lines(users)}  ]\n}}\n"


def _user(credential: Credential, installation_key: bytes) -> str:
    publish = ", ".join(_quoted(each) for each in credential.requests)
    subscribe = ", ".join(_quoted(each) for each in (credential.subjects, "_INBOX.>"))
    return (
        f"{{ user: {_quoted(credential.user)}, password: {_quoted(credential.password(installation_key))}, "
        f"permissions: {{ publish: {{ allow: [{publish}] }}, subscribe: {{ allow: [{subscribe}] }} }} }}"
    )


def _in_public(request: str) -> str:
    """Return what a request of an integrator is called in PUBLIC."""
    return request.replace(API_PREFIX, _JETSTREAM_PREFIX, 1)


def _lines(lines: Sequence[str]) -> str:
    return "".join(f"    {line}\n" for line in lines)


def _quoted(text: str) -> str:
    return json.dumps(text)
