"""What people say of themselves goes through every input there is, and is then looked for wherever bytes are kept."""

from base64 import b64decode
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import httpx

from consign.http.identity.development import DevelopmentIdentity
from consign.local.servers import local_servers
from tests.e2e.service_process import TOKEN_KEY, ServiceProcess, Site, private_site
from tests.personal.canary import EVERYTHING, STEM, Search, person
from tests.support.cluster import Database, create_database
from tests.support.outbox import sign_in_mail
from tests.support.servers import FAST, servers_directory
from tests.support.settled_shop import to_be_settled
from tests.support.shop import Client, Shop, new_id, problem
from tests.support.tablet import enrolled, with_pin

ADA, BEN, CLEO, DORA, EMIL, FINN, GUS, HAL = (person(number) for number in range(8))
EVERYBODY = (ADA, BEN, CLEO, DORA, EMIL, FINN, GUS, HAL)
ADAS_FORMER_ADDRESS = f"former-{ADA.email}"
NOTHING_PERSONAL = "Brambleteddy"
"""The description of an item, which lies everywhere in the open: who does not find it has not looked."""


class House(NamedTuple):
    """A service in a process of its own, and the directory in which everything lies that it keeps."""

    site: Site
    service: ServiceProcess
    database: Database
    directory: Path

    @property
    def outbox(self) -> Path:
        return self.site.directory / self.service.name / "outbox"

    async def search(
        self, words: Iterable[str], texts: Iterable[str] = (), numbers: Iterable[str] = (), *, in_mails: bool = True
    ) -> set[str]:
        """Return where any of the words lies: tables, files of Postgres and NATS, logs, metrics, mails.

        Mails to people name whom they are to, and lie in the outbox alone.
        """
        search = Search(words, texts, numbers)
        await search.look_at_tables(self.database)
        connection = await asyncpg.connect(self.database.url)
        await connection.execute("CHECKPOINT")
        await connection.close()
        search.look_at_files(self.directory)
        search.look_at_files(self.site.directory, but=None if in_mails else self.outbox)
        async with httpx.AsyncClient(base_url=self.service.url, trust_env=False) as http:
            search.look("metrics", (await http.get("/metrics")).content)
        return search.found


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    with servers_directory() as directory:
        async with local_servers(directory, **FAST) as servers:
            database = await create_database(servers.postgres_url)
            async with private_site(servers, database) as site:
                yield House(site, await site.started(log_level="debug"), database, directory)


def in_a_month() -> str:
    return (datetime.now(UTC) + timedelta(days=30)).isoformat()


class Told(NamedTuple):
    """Whom to forget, by account or by participation."""

    accounts: Sequence[str]
    participations: Sequence[str]
    shop: Shop
    secrets: Sequence[str]


async def everything_told(client: Client) -> Told:
    """Let each of the people pass through other inputs, some of them mistaken."""
    shop = await Shop.planned(client)
    await shop.move_to("registration")
    sale = shop.sale
    consignor = {
        account: client.token_of(account, {client.organization: ("consignor",)}) for account in ("ada", "cleo")
    }
    ada, ben, cleo, emil = (new_id() for _ in range(4))

    before = {**ADA.profile, "email": ADAS_FORMER_ADDRESS.upper()}
    await client.done(f"/participations/{ada}/take-part", {"sale": sale, "profile": before}, token=consignor["ada"])
    await client.done("/consignors/ada/change-profile", {"profile": ADA.profile}, token=consignor["ada"])
    await client.done(f"/participations/{ben}/register", {"sale": sale, "number": 17, "profile": BEN.profile})
    await client.done(f"/participations/{ben}/change-profile", {"profile": BEN.profile})
    invited = await client.done(
        f"/participations/{cleo}/invite",
        {"sale": sale, "expires_at": in_a_month(), "address": CLEO.profile},
    )
    await client.done(
        f"/sales/{sale}/accept-invitation", {"code": invited["code"], "profile": CLEO.profile}, token=consignor["cleo"]
    )
    member = {"roles": ["cashier"], "expires_at": in_a_month(), "address": DORA.profile}
    await client.done(f"/member-invitations/{new_id()}/invite", member)
    rows = [{"participation": emil, "number": 900, "profile": EMIL.profile}]
    await client.done(f"/sales/{sale}/import-consignors", {"rows": rows})
    table = f"name,email,phone,address\n{FINN.name},{FINN.email},{FINN.phone},{FINN.address}\n"
    imported = await client.send(f"/sales/{sale}/import-consignors", table.encode(), media_type="text/csv")
    finn = imported.json()["registered"][0]["participation"]
    await client.get("/participations", after_position=imported.json()["position"])
    for participation, who in ((ada, ADA), (ben, BEN), (cleo, CLEO), (emil, EMIL)):
        body = {"sale": sale, "details": who.details}
        await client.done(f"/participations/{participation}/change-payout-details", body)

    await mistaken(client, shop, ben)
    listed = await client.done(
        f"/sales/{sale}/import-items",
        {
            "rows": [
                {"consignor": number, "category": "toys", "description": NOTHING_PERSONAL, "price_minor": 500}
                for number in (17, 900)
            ]
        },
    )
    shop.tags = [row["tag"] for row in listed["listed"]]
    await shop.move_to("drop_off")
    await client.done(f"/sales/{sale}/check-in-items", {"tags": shop.tags})
    await shop.move_to("live")
    await client.done(f"/sessions/{shop.session}/open", {"sale": sale, "till": shop.till, "float_minor": 10_000})
    await uploaded_torn(client, shop)
    secrets = await worked_by_pin(client, shop)
    paid = await shop.sold(*shop.tags)
    receipt, after = f"/sales/{sale}/receipts/{paid['receipt']}/mail", str(paid["position"])
    for address in (ADAS_FORMER_ADDRESS, ADA.email, BEN.email, CLEO.email):
        mailed = await client.post(receipt, {"address": address}, x_consign_after=after)
        assert mailed.status_code == 200, mailed.text
    await settled_and_printed(client, shop)
    return Told(("ada", "cleo"), (ben, emil, finn), shop, secrets)


async def uploaded_torn(client: Client, shop: Shop) -> None:
    """Upload what cannot be read and says who GUS is, whole and by the sale; who asks for it sees it."""
    path = f"/sales/{shop.sale}/offline-sales"
    torn = f'{{"session": "{shop.session}", "till": "{GUS.name} {GUS.email}'.encode()
    whole = await client.send(path, torn)
    of_till = {"session": shop.session, "till": shop.till, "cashier": "casey", "sent_at": in_a_month()}
    odd = [{GUS.name: GUS.email}, {"sale_id": GUS.address}, GUS.phone]
    apart = await client.done(path, {**of_till, "sales": odd})
    answers = [*whole.json()["sales"], *apart["sales"]]
    assert [each["outcome"] for each in answers] == ["quarantined"] * 4
    found = [f"/sales/{shop.sale}/quarantine/{each['quarantine']}" for each in answers]
    kept = [await client.get(f"{each}/bytes", after_position=apart["position"]) for each in found]
    assert b64decode(kept[0].json()["data"]) == torn
    for each in found:
        await client.done(f"{each}/discard", {"reason": "a test of the till"})


PINS = (OLIVES_PIN, PETRAS_PIN, WRONG_PIN, LATER_PIN) = ("40961735", "50827364", "61938475", "72049586")


async def worked_by_pin(client: Client, shop: Shop) -> Sequence[str]:
    """Let a cashier work at a device by PIN, and lower a price by an organizer's; return what machines are known by."""
    await with_pin(client, "olive", OLIVES_PIN, "organizer")
    await with_pin(client, "petra", PETRAS_PIN, "cashier")
    tablet = await enrolled(client)
    problem(await tablet.tried("petra", WRONG_PIN), 401, "sign_in_failed")
    token, session, basket = await tablet.signed_in("petra", PETRAS_PIN), new_id(), new_id()
    path = f"/sessions/{session}/baskets/{basket}"
    await client.done(f"/sessions/{session}/open", {"sale": shop.sale, "till": "K9", "float_minor": 0}, token=token)
    await client.done(f"{path}/scan", {"tag": shop.tags[0]}, token=token)
    for pin in (WRONG_PIN, OLIVES_PIN):
        lowered = {"tag": shop.tags[0], "price_minor": 50, "reason": "a stain"}
        approval = {"account": "olive", "pin": pin}
        answer = await client.post(f"{path}/override-price", {**lowered, "approval": approval}, token=token)
        assert answer.status_code == (200 if pin == OLIVES_PIN else 403), answer.text
    torn = f'{{"account": "petra", "pin": "{LATER_PIN}'.encode()
    assert (await client.send(f"{path}/override-price", torn)).status_code in (400, 422)
    await client.done(f"{path}/abandon", token=token)
    await client.done(f"/sessions/{session}/close", {"counted_minor": 0}, token=token)
    olive = client.token_of("olive", {client.organization: ("organizer",)})
    await client.done("/memberships/olive/set-pin", {"pin": LATER_PIN}, token=olive)
    assert (await client.get(f"{tablet.path}/verifiers", token=tablet.secret)).status_code == 200
    key = (await client.done(f"/api-keys/{new_id()}/create", {"name": "Shop on the web"}))["secret"]
    assert (await client.get("/events", token=key)).status_code in (200, 503)
    return tablet.secret, key, tablet.secret[-43:], key[-43:]


async def mistaken(client: Client, shop: Shop, participation: str) -> None:
    """Say who GUS and HAL are where it does not belong, or not rightly: it is refused and kept nowhere."""
    path = f"/participations/{new_id()}/register"
    for body in (
        {"sale": shop.sale, "profile": GUS.profile, "unknown": GUS.email},
        {"sale": shop.sale, "profile": {**GUS.profile, "name": ""}},
        {"sale": GUS.email, "profile": GUS.profile},
        {"sale": shop.sale, "profile": {**GUS.profile, GUS.name: GUS.email}},
    ):
        problem(await client.post(path, body), 422, "body_invalid")
    torn = await client.send(path, f'{{"sale": "{GUS.name}", "profile": "{GUS.email}'.encode())
    assert torn.status_code in (400, 422)
    details = {"name": HAL.name, "iban": HAL.iban.replace(HAL.iban[-1], "Q")}
    await client.post(f"/participations/{participation}/change-payout-details", {"sale": shop.sale, "details": details})
    for asked in (
        await client.get("/participations", email=HAL.email),
        await client.get("/participations", sale=HAL.name),
        await client.get(f"/consignors/{HAL.email}"),
        await client.get(f"/consignors/{HAL.name}"),
        await client.get(f"/items/{HAL.phone}"),
        await client.get(f"/{HAL.name}/{HAL.email}"),
        await client.http.get(f"/api/v1/organizations/{HAL.email}/sales", headers=client.headers()),
        await client.get("/sales", token=HAL.email),
        await client.post(f"/sales/{shop.sale}/change-phase", {"phase": HAL.name}, key=HAL.email),
    ):
        assert asked.status_code < 500, asked.text


async def signed_in_by_mail(client: Client, outbox: Path) -> Mapping[str, Any]:
    """Sign in with an address, a mistaken code and a mistaken password before it, and change the password.

    Return who is signed in.
    """
    identity = "/api/v1/identity"
    asked = await client.http.post(f"{identity}/ask-for-link", json={"address": GUS.email})
    mail = sign_in_mail(outbox, GUS.email)
    wrong = {"sign_in": asked.json()["sign_in"], "code": "000000" if mail.code != "000000" else "111111"}
    assert (await client.http.post(f"{identity}/redeem-code", json=wrong)).status_code in (400, 401, 403)
    tokens = await client.http.post(f"{identity}/redeem-link", json={"token": mail.token})
    assert tokens.status_code == 200, tokens.text
    bearer = {"Authorization": f"Bearer {tokens.json()['access_token']}"}
    password = {"password": f"{STEM} is a long password"}
    changed = await client.http.post(f"{identity}/change-password", json=password, headers=bearer)
    assert changed.status_code == 200, changed.text
    for address in (GUS.email, HAL.email):
        guessed = {"address": address, "password": f"{STEM} is a wrong one"}
        await client.http.post(f"{identity}/sign-in", json=guessed)
    signed_in: dict[str, Any] = tokens.json()
    return signed_in


async def deleted(client: Client, tokens: Mapping[str, Any]) -> None:
    """Delete the account."""
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    own = {"account": tokens["account"]}
    answer = await client.http.post("/api/v1/identity/delete-account", json=own, headers=bearer)
    assert answer.json() == {**own, "done": True}, answer.text


async def settled_and_printed(client: Client, shop: Shop) -> None:
    """Settle the sale, and ask for every file in which names or account numbers stand."""
    settled = await to_be_settled(shop)
    await settled.freeze()
    prepared = await settled.prepare()
    for batch in prepared["batches"]:
        file = await client.get(
            settled.path(f"/payout-batches/{batch['batch']}/file"), after_position=prepared["position"]
        )
        assert BEN.iban.encode() in file.content
    shown = await client.get("/participations", sale=shop.sale, after_position=prepared["position"])
    assert {BEN.name, EMIL.name} <= {row["profile"]["name"] for row in shown.json()["items"] if row["profile"]}
    pdf: dict[str, Any] = {"after_position": prepared["position"]}
    for path in ("/drop-off.pdf", "/pick-up.pdf", "/payouts.pdf", "/statements.pdf"):
        await client.get(settled.path(path), **pdf)


async def test_what_people_say_of_themselves_lies_nowhere_in_the_open_and_nowhere_once_they_are_forgotten() -> None:
    texts = [text for each in EVERYBODY for text in each]
    async with house() as kept:
        async with Client(kept.service.url, DevelopmentIdentity(TOKEN_KEY.encode())) as client:
            told = await everything_told(client)
            tokens = await signed_in_by_mail(client, kept.outbox)
            in_the_open = {place.rpartition(" in ")[2] for place in await kept.search([NOTHING_PERSONAL])}
            assert any(place.startswith("consign.events") for place in in_the_open)
            assert any("jetstream" in place.lower() or "nats" in place.lower() for place in in_the_open)
            assert await kept.search([*EVERYTHING, *told.secrets], [*texts, *PINS], PINS, in_mails=False) == set()
            assert len(list(kept.outbox.iterdir())) == 5

            forgotten = [f"/consignors/{account}" for account in told.accounts]
            forgotten += [f"/participations/{participation}" for participation in told.participations]
            ends = [(await client.done(f"{path}/forget"))["position"] for path in forgotten]
            rows = (await client.get("/participations", sale=told.shop.sale, after_position=max(ends))).json()
            assert [row["profile"] for row in rows["items"] if row["forgotten"]] == [None] * len(rows["items"])
            await deleted(client, tokens)
            assert await kept.search(EVERYTHING, texts) == set()
            assert list(kept.outbox.iterdir()) == []
        assert await kept.service.stop() == 0
