"""A backup that still has somebody's key: whoever was forgotten stays forgotten, however the service comes up again."""

from pathlib import Path
from typing import Any

import pytest

from consign.http.identity.development import DevelopmentIdentity
from consign.local.servers import LocalServers
from tests.e2e.service_process import TOKEN_KEY, ServiceProcess, private_site
from tests.faults.test_restored_database import consign, copied
from tests.personal.canary import person
from tests.support.cluster import create_database
from tests.support.shop import Client, Shop, new_id, problem

ADA, BEN = person(0), person(1)


def organizer(service: ServiceProcess, organization: str | None = None) -> Client:
    client = Client(service.url, DevelopmentIdentity(TOKEN_KEY.encode()))
    if organization is not None:
        client.organization = organization
        client.token = client.token_of("anna", {organization: ("organizer",)})
    return client


async def names(client: Client, sale: str, **how: Any) -> dict[int, str | None]:
    rows = (await client.get("/participations", sale=sale, **how)).json()["items"]
    return {row["number"]: row["profile"] and row["profile"]["name"] for row in rows}


@pytest.mark.parametrize("renewed", [True, False], ids=["renewed", "merely started"])
async def test_who_was_forgotten_after_the_backup_stays_forgotten(
    own_servers: LocalServers, tmp_path: Path, *, renewed: bool
) -> None:
    database = await create_database(own_servers.postgres_url)
    kept_apart = str(tmp_path / "erasures")
    ada, ben = new_id(), new_id()
    async with private_site(own_servers, database) as site:
        service = await site.started(erasure_list=kept_apart)
        async with organizer(service) as client:
            shop = await Shop.planned(client)
            await shop.move_to("registration")
            for participation, number, who in ((ada, 17, ADA), (ben, 18, BEN)):
                body = {"sale": shop.sale, "number": number, "profile": who.profile}
                await client.done(f"/participations/{participation}/register", body)
            moved = await client.done(f"/sales/{shop.sale}/change-phase", {"phase": "drop_off"})
            shown = await names(client, shop.sale, after_position=moved["position"])
            assert shown == {17: ADA.name, 18: BEN.name}
        assert await service.stop() == 0
        backup = await copied(own_servers, database)
        await service.start()
        async with organizer(service, client.organization) as client:
            forgotten = await client.done(f"/participations/{ada}/forget")
            assert await names(client, shop.sale, after_position=forgotten["position"]) == {17: None, 18: BEN.name}
        assert await service.stop() == 0

    async with private_site(own_servers, backup) as site:
        if renewed:
            environment = {"CONSIGN_ERASURE_LIST": kept_apart}
            assert "people forgotten again: 1" in await consign(site, "renew", **environment)
            await consign(site, "rebuild")
        service = await site.started(erasure_list=kept_apart)
        async with organizer(service, client.organization) as client:
            assert await names(client, shop.sale) == {17: None, 18: BEN.name}
            body = {"profile": ADA.profile}
            problem(await client.post(f"/participations/{ada}/change-profile", body), 410, "person_forgotten")
