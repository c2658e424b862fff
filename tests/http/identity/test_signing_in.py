"""Signing in by mail, staying signed in and signing out: over HTTP, with real mails in the outbox."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest

from consign.local.servers import LocalServers
from consign.service.process import Service
from tests.support.eventually import eventually
from tests.support.outbox import SignInMail, mails_to, sign_in_mail
from tests.support.shop import Client, new_id, problem

IDENTITY = "/api/v1/identity"


class Person:
    """Somebody with an address, in front of a browser."""

    def __init__(self, client: Client, outbox: Path) -> None:
        self.http = client.http
        self.outbox = outbox
        self.address = f"ada-{secrets.token_hex(5)}@example.org"

    async def asked(self, **headers: str) -> str:
        """Ask for a mail; return the id of the attempt."""
        response = await self.post("ask-for-link", {"address": self.address}, **headers)
        assert response.status_code == 200, response.text
        sign_in: str = response.json()["sign_in"]
        return sign_in

    def mail(self) -> SignInMail:
        return sign_in_mail(self.outbox, self.address)

    async def signed_in(self) -> dict[str, Any]:
        await self.asked()
        response = await self.post("redeem-link", {"token": self.mail().token})
        assert response.status_code == 200, response.text
        tokens: dict[str, Any] = response.json()
        return tokens

    async def post(self, path: str, body: Any = None, *, token: str = "", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(f"{IDENTITY}/{path}", json=body, headers={**bearer(token), **named})

    async def sessions(self, token: str) -> httpx.Response:
        return await self.http.get(f"{IDENTITY}/sessions", headers=bearer(token))

    async def refreshed(self, token: str) -> httpx.Response:
        return await self.post("refresh", {"refresh_token": token})


def bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


@pytest.fixture
def outbox(service: Service) -> Path:
    return service.settings.data_directory / "outbox"


@pytest.fixture
def ada(client: Client, outbox: Path) -> Person:
    return Person(client, outbox)


async def facts(servers: LocalServers, account: str) -> Sequence[Mapping[str, Any]]:
    """Return what the platform's log says of the account."""
    connection = await asyncpg.connect(servers.postgres_url)
    rows = await connection.fetch(
        "SELECT data FROM consign.events WHERE organization_id = 'platform' AND stream = $1 ORDER BY position",
        f"account-{account}",
    )
    await connection.close()
    return [msgspec.json.decode(row["data"]) for row in rows]


async def test_the_link_of_a_mail_signs_its_reader_in_and_opens_an_account(
    ada: Person, service_servers: LocalServers
) -> None:
    tokens = await ada.signed_in()
    (listed,) = (await ada.sessions(tokens["access_token"])).json()["items"]
    assert (listed["session"], listed["current"]) == (tokens["session"], True)
    assert listed["device"].startswith("python-httpx")
    opened, signed_in = await facts(service_servers, tokens["account"])
    assert (opened["type"], signed_in["type"], signed_in["way"]) == ("account-opened", "signed-in", "link")
    assert ada.address not in str(opened)


async def test_the_code_of_a_mail_does_the_same_where_it_was_asked_for(ada: Person) -> None:
    first = await ada.signed_in()
    sign_in = await ada.asked()
    response = await ada.post("redeem-code", {"sign_in": sign_in, "code": ada.mail().code})
    assert response.json()["account"] == first["account"]
    assert response.headers["Cache-Control"] == "no-store"


async def test_an_address_is_the_same_however_it_is_written(ada: Person) -> None:
    first = await ada.signed_in()
    await ada.post("ask-for-link", {"address": f" {ada.address.upper()} "})
    again = (await ada.post("redeem-link", {"token": ada.mail().token})).json()
    assert again["account"] == first["account"]


async def test_known_and_unknown_addresses_are_answered_alike(ada: Person, client: Client, outbox: Path) -> None:
    await ada.signed_in()
    stranger = Person(client, outbox)
    answers = [await person.post("ask-for-link", {"address": person.address}) for person in (ada, stranger)]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].json().keys() == answers[1].json().keys() == {"sign_in", "expires_at"}
    texts = [mails_to(outbox, person.address)[-1].get_content() for person in (ada, stranger)]
    assert [len(text) for text in texts] == [len(texts[0])] * 2


async def test_a_link_works_once_also_when_it_is_opened_twice_at_once(ada: Person) -> None:
    sign_in = await ada.asked()
    mail = ada.mail()
    answers = await asyncio.gather(
        *(ada.post("redeem-link", {"token": mail.token}) for _ in range(3)),
        ada.post("redeem-code", {"sign_in": sign_in, "code": mail.code}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    problem(await ada.post("redeem-link", {"token": mail.token}), 401, "sign_in_failed")


async def test_wrong_codes_are_counted_recorded_and_use_the_attempt_up(
    ada: Person, service_servers: LocalServers
) -> None:
    tokens = await ada.signed_in()
    sign_in = await ada.asked()
    code = ada.mail().code
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        problem(await ada.post("redeem-code", {"sign_in": sign_in, "code": wrong}), 401, "sign_in_failed")
    problem(await ada.post("redeem-code", {"sign_in": sign_in, "code": code}), 401, "sign_in_failed")
    known = [fact["type"] for fact in await facts(service_servers, tokens["account"])]
    assert known == ["account-opened", "signed-in", *["sign-in-refused"] * 5]


async def test_asking_for_new_links_does_not_let_anybody_guess_faster(ada: Person) -> None:
    answers: list[httpx.Response] = []
    for _ in range(3):
        sign_in = await ada.asked()
        wrong = f"{(int(ada.mail().code) + 1) % 1_000_000:06}"
        answers += [await ada.post("redeem-code", {"sign_in": sign_in, "code": wrong}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 5


async def test_a_code_of_another_attempt_or_of_none_signs_nobody_in(ada: Person, client: Client, outbox: Path) -> None:
    eve = Person(client, outbox)
    await ada.asked()
    hers = await eve.asked()
    if ada.mail().code != eve.mail().code:
        problem(await eve.post("redeem-code", {"sign_in": hers, "code": ada.mail().code}), 401, "sign_in_failed")
    problem(await eve.post("redeem-code", {"sign_in": new_id(), "code": "123456"}), 401, "sign_in_failed")
    problem(await eve.post("redeem-link", {"token": "x" * 43}), 401, "sign_in_failed")


async def test_mails_to_one_address_are_bounded(ada: Person) -> None:
    for _ in range(5):
        await ada.asked()
    refused = await ada.post("ask-for-link", {"address": ada.address})
    assert problem(refused, 429, "too_many_tries")["retryable"]
    assert int(refused.headers["Retry-After"]) > 0
    assert len(mails_to(ada.outbox, ada.address)) == 5


async def test_what_a_request_says_of_its_host_is_in_no_link(ada: Person, service: Service) -> None:
    evil = "evil.example.org"
    problem(await ada.post("ask-for-link", {"address": ada.address}, host=evil), 421, "unknown_host")
    await ada.asked(host="fair.consign.test", x_forwarded_host=evil, forwarded=f"host={evil}")
    assert ada.mail().place == f"{service.settings.public_url.replace('localhost', 'fair.consign.test')}/sign-in"
    assert "evil" not in mails_to(ada.outbox, ada.address)[-1].as_string()


@pytest.mark.parametrize(
    "address", ["ada", "ada@", "@example.org", "ada@example.org\r\nBcc: eve@example.org", "a@b@c", "<ada@example.org>"]
)
async def test_what_is_no_address_gets_no_mail(ada: Person, address: str) -> None:
    before = len(list(ada.outbox.glob("*.eml")))
    problem(await ada.post("ask-for-link", {"address": address}), 422, "body_invalid")
    assert len(list(ada.outbox.glob("*.eml"))) == before


async def test_a_mail_is_a_whole_message_that_others_on_the_machine_cannot_read(ada: Person) -> None:
    await ada.asked()
    mail = mails_to(ada.outbox, ada.address)[-1]
    assert all(mail[name] for name in ("From", "To", "Subject", "Date", "Message-ID"))
    assert mail.get_content_type() == "text/plain"
    assert {path.stat().st_mode & 0o077 for path in (ada.outbox, *ada.outbox.glob("*.eml"))} == {0}


async def test_a_refresh_token_is_spent_for_new_tokens_of_the_same_session(ada: Person) -> None:
    first = await ada.signed_in()
    second = (await ada.refreshed(first["refresh_token"])).json()
    assert second["session"] == first["session"]
    assert second["refresh_token"] != first["refresh_token"]
    assert (await ada.sessions(second["access_token"])).status_code == 200


async def test_a_refresh_token_that_comes_again_ends_the_session_for_everybody_who_holds_it(
    ada: Person, service_servers: LocalServers
) -> None:
    first = await ada.signed_in()
    second = (await ada.refreshed(first["refresh_token"])).json()
    problem(await ada.refreshed(first["refresh_token"]), 401, "sign_in_failed")
    problem(await ada.refreshed(second["refresh_token"]), 401, "sign_in_failed")
    problem(await ada.sessions(second["access_token"]), 401, "unauthenticated")
    last = (await facts(service_servers, first["account"]))[-1]
    assert (last["type"], last["because"], last["sessions"]) == ("sessions-ended", "token_reused", [first["session"]])


async def test_of_two_refreshes_at_once_one_succeeds_and_the_session_ends(ada: Person) -> None:
    first = await ada.signed_in()
    answers = await asyncio.gather(*(ada.refreshed(first["refresh_token"]) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 401]
    problem(await ada.sessions(first["access_token"]), 401, "unauthenticated")


async def test_a_made_up_token_of_a_known_session_ends_nothing(ada: Person) -> None:
    tokens = await ada.signed_in()
    made_up = f"cr_{UUID(tokens['session']).hex}_{'x' * 43}"
    for token in (made_up, "cr_x", tokens["access_token"][:100]):
        problem(await ada.refreshed(token), 401, "sign_in_failed")
    assert (await ada.sessions(tokens["access_token"])).status_code == 200


async def test_whoever_signs_out_is_out_at_once(ada: Person) -> None:
    tokens, other = await ada.signed_in(), await ada.signed_in()
    assert (await ada.post("sign-out", token=tokens["access_token"])).json() == {"ended": 1}
    problem(await ada.sessions(tokens["access_token"]), 401, "unauthenticated")
    problem(await ada.refreshed(tokens["refresh_token"]), 401, "sign_in_failed")
    assert [each["session"] for each in (await ada.sessions(other["access_token"])).json()["items"]] == [
        other["session"]
    ]


async def test_one_of_several_sessions_is_ended_from_another_and_nobody_elses(
    ada: Person, client: Client, outbox: Path
) -> None:
    lost, here = await ada.signed_in(), await ada.signed_in()
    eve = await Person(client, outbox).signed_in()
    path = f"sessions/{lost['session']}/sign-out"
    problem(await ada.post(path, token=eve["access_token"]), 404, "unknown_session")
    assert (await ada.sessions(lost["access_token"])).status_code == 200
    assert (await ada.post(path, token=here["access_token"])).json() == {"ended": 1}
    problem(await ada.sessions(lost["access_token"]), 401, "unauthenticated")


async def test_signing_out_everywhere_ends_all_sessions_of_the_account(
    ada: Person, service_servers: LocalServers
) -> None:
    both = [await ada.signed_in(), await ada.signed_in()]
    assert (await ada.post("sign-out-everywhere", token=both[0]["access_token"])).json() == {"ended": 2}
    for tokens in both:
        problem(await ada.sessions(tokens["access_token"]), 401, "unauthenticated")
    last = (await facts(service_servers, both[0]["account"]))[-1]
    assert set(last["sessions"]) == {tokens["session"] for tokens in both}


async def test_a_session_that_ended_in_another_process_is_refused_here_soon(
    ada: Person, service_servers: LocalServers
) -> None:
    tokens = await ada.signed_in()
    connection = await asyncpg.connect(service_servers.postgres_url)
    await connection.execute(
        "UPDATE identity.sessions SET ended_at = now() WHERE session_id = $1", UUID(tokens["session"])
    )
    await connection.close()

    async def refused() -> bool:
        return (await ada.sessions(tokens["access_token"])).status_code == 401

    await eventually(refused)


async def test_no_secret_and_no_address_lies_in_the_database(ada: Person, service_servers: LocalServers) -> None:
    tokens = await ada.signed_in()
    await ada.asked()
    mail = ada.mail()
    connection = await asyncpg.connect(service_servers.postgres_url)
    rows: list[str] = []
    for table in ("identity.addresses", "identity.links", "identity.sessions", "identity.refresh_tokens"):
        rows += [text for (text,) in await connection.fetch(f"SELECT t::text FROM {table} t")]
    await connection.close()
    everything = "\n".join(rows)
    assert tokens["session"] in everything
    for secret in (ada.address, mail.token, tokens["refresh_token"]):
        assert secret not in everything
        assert secret.encode().hex() not in everything


PASSWORD, OTHER_PASSWORD = "four words in a row", "five other words in a row"


async def test_a_forgotten_password_is_replaced_by_whoever_signs_in_by_mail(
    ada: Person, service_servers: LocalServers
) -> None:
    elsewhere, here = await ada.signed_in(), await ada.signed_in()
    token = here["access_token"]
    problem(await ada.post("change-password", {"password": "password1234"}, token=token), 422, "password_unfit")
    assert (await ada.post("change-password", {"password": PASSWORD}, token=token)).status_code == 200
    problem(await ada.sessions(elsewhere["access_token"]), 401, "unauthenticated")
    again = await ada.post("sign-in", {"address": ada.address, "password": PASSWORD})
    assert again.json()["account"] == here["account"]
    known = [fact["type"] for fact in await facts(service_servers, here["account"])]
    assert known[-3:] == ["password-changed", "sessions-ended", "signed-in"]


async def test_wrong_passwords_and_unknown_addresses_are_refused_in_the_same_words(ada: Person) -> None:
    token = (await ada.signed_in())["access_token"]
    await ada.post("change-password", {"password": PASSWORD}, token=token)
    unknown = f"bob-{secrets.token_hex(5)}@example.org"
    refusals = [
        problem(await ada.post("sign-in", {"address": address, "password": OTHER_PASSWORD}), 401, "sign_in_failed")
        for address in (ada.address, unknown)
    ]
    assert refusals[0] == refusals[1]
    wrong = {"password": OTHER_PASSWORD, "current": "not what it was"}
    problem(await ada.post("change-password", wrong, token=token), 401, "sign_in_failed")


async def test_tries_at_one_account_are_told_to_wait_longer_and_longer(ada: Person) -> None:
    await ada.signed_in()
    tries = [{"address": ada.address, "password": f"{OTHER_PASSWORD} {number}"} for number in range(7)]
    answers = [await ada.post("sign-in", body) for body in tries]
    assert [answer.status_code for answer in answers[:6]] == [401] * 5 + [429]
    assert int(answers[5].headers["Retry-After"]) >= 1
