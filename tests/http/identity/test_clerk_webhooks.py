"""Clerk's webhooks over the real service: what they tell is done once, in any order, where they are signed."""

import base64
import hmac
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import pytest

from consign.http.identity.svix import TOLERANCE_S, signing_key
from consign.identity.federation import account_of, organization_of
from consign.identity.ports import Visit
from consign.service.process import Service
from tests.http.conftest import CLERK_ORGANIZATION, WEBHOOK_SECRET, Issuers, ServiceThread
from tests.support.eventually import eventually
from tests.support.issuer import IssuerDouble
from tests.support.shop import Client, new_id, problem

NOW_MS = 1_795_000_000_000


class Clerk:
    """Sends messages as an instance of Clerk's does."""

    def __init__(self, client: Client, double: IssuerDouble) -> None:
        self.client = client
        self.double = double
        self.organization = f"org_{secrets.token_hex(8)}"

    @property
    def slug(self) -> str:
        return organization_of(self.double.url, self.organization, {})

    def account(self, user: str) -> str:
        return account_of(self.double.url, user)

    async def send(self, event: Any, *, message: str | None = None, secret: str = WEBHOOK_SECRET) -> httpx.Response:
        content = event if isinstance(event, bytes) else json.dumps(event).encode()
        return await self.client.http.post(
            "/webhooks/clerk", content=content, headers=signed(content, message or secrets.token_hex(8), secret)
        )

    async def tell(self, event: Any, *, message: str | None = None) -> str:
        """Send what must be taken; return what became of it."""
        response = await self.send(event, message=message)
        assert response.status_code == httpx.codes.OK, response.text
        outcome: str = response.json()["outcome"]
        return outcome

    def founded(self, name: str = "Spring fair", by: str = "user_anna") -> Mapping[str, Any]:
        data = {
            "id": self.organization,
            "name": name,
            "slug": "spring-fair",
            "created_by": by,
            "object": "organization",
        }
        return {"type": "organization.created", "object": "event", "timestamp": NOW_MS, "data": data}

    def called(self, name: str, *, at: int) -> Mapping[str, Any]:
        data = {"id": self.organization, "name": name, "slug": "spring-fair", "object": "organization"}
        return {"type": "organization.updated", "object": "event", "timestamp": NOW_MS + at, "data": data}

    def member(self, what: str, user: str, role: str = "org:admin", *, at: int = 0) -> Mapping[str, Any]:
        data = {
            "id": "orgmem_1",
            "role": role,
            "organization": {"id": self.organization, "name": "Spring fair"},
            "public_user_data": {"user_id": user, "first_name": "Ada", "identifier": "ada@example.org"},
        }
        kind = f"organizationMembership.{what}"
        return {"type": kind, "object": "event", "timestamp": NOW_MS + at, "instance_id": "ins_1", "data": data}

    async def sales(self, user: str) -> httpx.Response:
        """Ask for the organization's sales as somebody who is signed in there."""
        return await self.client.http.get(self.path("/sales"), headers=self.signed_in(user))

    async def head(self, organizer: str) -> int:
        """Return where the organization's log ends, by a command that changes nothing."""
        response = await self.client.http.post(
            self.path("/change-joining"), json={"is_open": False}, headers=self.signed_in(organizer)
        )
        assert response.status_code == httpx.codes.OK, response.text
        position: int = response.json()["position"]
        return position

    def path(self, path: str) -> str:
        return f"/api/v1/organizations/{self.slug}{path}"

    def signed_in(self, user: str) -> dict[str, str]:
        active = {"id": self.organization, "rol": "admin", "slg": "spring-fair"}
        token = self.double.token(self.double.clerk_claims(sub=user, o=active))
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": new_id()}


def user(what: str, user_id: str, **more: Any) -> Mapping[str, Any]:
    return {"type": f"user.{what}", "object": "event", "timestamp": NOW_MS, "data": {"id": user_id, **more}}


def signed(content: bytes, message: str, secret: str = WEBHOOK_SECRET, *, at_s: float | None = None) -> dict[str, str]:
    timestamp = str(int(time.time() if at_s is None else at_s))
    signature = hmac.digest(signing_key(secret), f"{message}.{timestamp}.".encode() + content, sha256)
    return {
        "svix-id": message,
        "svix-timestamp": timestamp,
        "svix-signature": f"v1,{base64.b64encode(signature).decode()}",
        "Content-Type": "application/json",
    }


@pytest.fixture
def clerk(client: Client, issuers: Issuers) -> Clerk:
    return Clerk(client, issuers.clerk)


async def test_an_organization_that_is_founded_there_is_founded_here_with_its_founder_as_organizer(
    clerk: Clerk,
) -> None:
    problem(await clerk.sales("user_anna"), 404, "unknown_organization")
    assert await clerk.tell(clerk.founded()) == "done"
    await until(clerk, "user_anna", httpx.codes.OK)
    problem(await clerk.sales("user_bert"), 404, "unknown_organization")


async def test_members_come_and_go_as_they_do_there(clerk: Clerk) -> None:
    await clerk.tell(clerk.founded())
    await clerk.tell(clerk.member("created", "user_bert", "org:till", at=1))
    await until(clerk, "user_bert", httpx.codes.OK)
    await clerk.tell(clerk.member("updated", "user_bert", "org:guest", at=2))
    await until(clerk, "user_bert", httpx.codes.NOT_FOUND)
    await clerk.tell(clerk.member("updated", "user_bert", at=3))
    await until(clerk, "user_bert", httpx.codes.OK)
    await clerk.tell(clerk.member("deleted", "user_bert", at=4))
    await until(clerk, "user_bert", httpx.codes.NOT_FOUND)


async def test_a_message_that_comes_again_changes_nothing(clerk: Clerk) -> None:
    await clerk.tell(clerk.founded(), message="msg_1")
    await clerk.tell(clerk.member("created", "user_bert", at=1), message="msg_2")
    head = await clerk.head("user_anna")
    assert await clerk.tell(clerk.founded(), message="msg_1") == "done"
    assert await clerk.tell(clerk.member("created", "user_bert", at=1), message="msg_2") == "done"
    assert await clerk.tell(clerk.member("created", "user_bert", at=1), message="msg_3") == "done"
    assert await clerk.head("user_anna") == head
    other = await clerk.send(clerk.member("created", "user_bert", at=5), message="msg_2")
    problem(other, 422, "idempotency_key_reused")


async def test_messages_arrive_in_any_order(clerk: Clerk) -> None:
    early = await clerk.send(clerk.member("created", "user_bert", at=1), message="msg_early")
    problem(early, 404, "unknown_organization")
    await clerk.tell(clerk.founded())
    await clerk.tell(clerk.member("deleted", "user_bert", at=9))
    assert await clerk.tell(clerk.member("created", "user_bert", at=1), message="msg_early") == "done"
    problem(await clerk.sales("user_bert"), 404, "unknown_organization")


async def test_somebody_leads_on_although_it_is_said_otherwise(clerk: Clerk) -> None:
    await clerk.tell(clerk.founded())
    problem(await clerk.send(clerk.member("deleted", "user_anna", at=1)), 409, "last_organizer")
    assert (await clerk.sales("user_anna")).status_code == httpx.codes.OK


async def test_an_organization_that_was_named_is_founded_by_hand(clerk: Clerk) -> None:
    clerk.organization = CLERK_ORGANIZATION
    assert await clerk.tell(clerk.founded()) == "nothing"


async def test_who_is_deleted_there_is_a_member_of_nothing_here_whatever_is_said_late(clerk: Clerk) -> None:
    bert, carl = (f"{name}_{clerk.organization}" for name in ("bert", "carl"))
    await clerk.tell(clerk.founded())
    await clerk.tell(clerk.member("created", bert, at=1))
    await until(clerk, bert, httpx.codes.OK)
    gone = user("deleted", bert, deleted=True)
    assert [await clerk.tell(gone, message="msg_gone") for _ in range(2)] == ["done"] * 2
    await until(clerk, bert, httpx.codes.NOT_FOUND)
    assert await clerk.tell(gone) == "done"
    assert await clerk.tell(clerk.member("updated", bert, at=9)) == "nothing"
    assert await clerk.tell(user("deleted", carl, deleted=True)) == "done"
    assert await clerk.tell(clerk.member("created", carl, at=9)) == "nothing"
    problem(await clerk.sales(carl), 404, "unknown_organization")


async def test_who_leads_alone_is_not_deleted_before_somebody_else_leads(clerk: Clerk) -> None:
    anna, bert = (f"{name}_{clerk.organization}" for name in ("anna", "bert"))
    await clerk.tell(clerk.founded(by=anna))
    await until(clerk, anna, httpx.codes.OK)
    problem(await clerk.send(user("deleted", anna, deleted=True), message="msg_1"), 409, "last_organizer")
    assert (await clerk.sales(anna)).status_code == httpx.codes.OK
    await clerk.tell(clerk.member("created", bert, at=1))
    await until(clerk, bert, httpx.codes.OK)
    assert await clerk.tell(user("deleted", anna, deleted=True), message="msg_1") == "done"
    await until(clerk, anna, httpx.codes.NOT_FOUND)


async def test_an_organization_that_is_deleted_there_goes_on_here(clerk: Clerk) -> None:
    await clerk.tell(clerk.founded())
    gone = {"type": "organization.deleted", "object": "event", "data": {"id": clerk.organization, "deleted": True}}
    assert await clerk.tell(gone) == "nothing"
    assert (await clerk.sales("user_anna")).status_code == httpx.codes.OK


async def test_who_is_barred_there_stays_signed_in_nowhere_here(
    clerk: Clerk, service: Service, service_thread: ServiceThread
) -> None:
    account = clerk.account(f"user_{clerk.organization}")
    visit = Visit("192.0.2.1", "Firefox on Linux", uuid4())
    sessions = service.sign_in.sessions
    tokens = await service_thread.done(sessions.begin(visit, account, "issuer", None))
    barred = user("updated", f"user_{clerk.organization}", banned=True)
    assert await clerk.tell(user("updated", f"user_{clerk.organization}", banned=False)) == "nothing"
    assert [await clerk.tell(barred) for _ in range(2)] == ["done", "nothing"]
    mine = {"Authorization": f"Bearer {tokens.access_token}"}
    problem(await clerk.client.http.get("/api/v1/identity/sessions", headers=mine), 401, "unauthenticated")


async def test_an_organization_is_called_what_clerk_says_last_and_other_changes_there_rename_nothing(
    clerk: Clerk,
) -> None:
    async def name() -> str:
        await clerk.head("user_anna")
        answer = await clerk.client.http.get(clerk.path("/organization"), headers=clerk.signed_in("user_anna"))
        return str(answer.json().get("name"))

    called = clerk.called("Summer fair", at=2)
    problem(await clerk.send(called), 404, "unknown_organization")
    await clerk.tell(clerk.founded())
    await clerk.tell(clerk.member("created", "user_anna"))
    assert await clerk.tell(called) == "done"
    await eventually(partial(is_now, name, "Summer fair"))
    assert await clerk.tell(clerk.called("Spring fair", at=1)) == "done"
    renamed = await clerk.client.http.post(
        clerk.path("/rename"), json={"name": "Ours"}, headers=clerk.signed_in("user_anna")
    )
    assert renamed.status_code == httpx.codes.OK, renamed.text
    assert await clerk.tell(clerk.called("Summer fair", at=3)) == "done"
    await eventually(partial(is_now, name, "Ours"))


async def is_now(name: Callable[[], Awaitable[str]], expected: str) -> bool:
    return await name() == expected


@pytest.mark.parametrize("kind", ["user.created", "user.updated", "session.created", "sms.created", ""])
async def test_what_means_nothing_here_is_taken_and_left(clerk: Clerk, kind: str) -> None:
    assert await clerk.tell({"type": kind, "object": "event", "data": {"id": "user_1"}}) == "nothing"


async def test_only_who_knows_the_secret_is_heard(clerk: Clerk) -> None:
    content = json.dumps(clerk.founded()).encode()
    others = "whsec_" + base64.b64encode(b"a secret of somebody else").decode()
    for headers in (
        {},
        signed(content, "msg_1", others),
        signed(content + b" ", "msg_1"),
        {**signed(content, "msg_1"), "svix-id": "msg_2"},
        signed(content, "msg_1", at_s=time.time() - TOLERANCE_S - 60),
        signed(content, "msg_1", at_s=time.time() + TOLERANCE_S + 60),
        {"Authorization": f"Bearer {clerk.client.token}"},
    ):
        response = await clerk.client.http.post("/webhooks/clerk", content=content, headers=headers)
        problem(response, 401, "signature_invalid")
    problem(await clerk.sales("user_anna"), 404, "unknown_organization")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"type": "organization.created"}',
        b'{"type": "user.deleted", "data": {"deleted": true}}',
        b'{"type": "organization.created", "data": {"id": 7, "name": "Fair", "created_by": "user_1"}}',
        b'{"type": "organization.created", "data": {"id": "org_1", "name": "", "created_by": "user_1"}}',
        b'{"type": "organizationMembership.created", "data": {"role": "org:admin"}}',
        b'{"type": "organizationMembership.created", "timestamp": 1e99, "data": {}}',
    ],
)
async def test_what_cannot_be_understood_is_refused(clerk: Clerk, content: bytes) -> None:
    response = await clerk.send(content)
    assert response.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY), response.text


async def test_a_member_without_a_time_is_refused(clerk: Clerk) -> None:
    timeless = {name: value for name, value in clerk.member("created", "user_1").items() if name != "timestamp"}
    problem(await clerk.send(timeless), 422, "body_invalid")


async def until(clerk: Clerk, user: str, status: int) -> None:
    """Wait until it is noticed everywhere that somebody's roles were given or taken."""

    async def is_so() -> bool:
        return (await clerk.sales(user)).status_code == status

    await eventually(is_so)
