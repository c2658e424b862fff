"""A machine that an organizer lets become a device of the organization."""

from typing import Any, NamedTuple

import httpx

from tests.support.shop import Client, new_id

ENROL = "/api/v1/identity/enrol-device"


class Tablet(NamedTuple):
    """An enrolled device, and the secret by which it is known."""

    client: Client
    device: str
    secret: str

    @property
    def path(self) -> str:
        return f"/devices/{self.device}"


async def invited(client: Client, device: str, name: str = "Till 1", **how: Any) -> dict[str, Any]:
    return await client.done(f"/devices/{device}/invite", {"name": name}, **how)


async def shown(client: Client, code: str) -> httpx.Response:
    """Let a machine show a code."""
    return await client.http.post(ENROL, json={"code": code})


async def enrolled(client: Client, name: str = "Till 1") -> Tablet:
    device = new_id()
    answer = (await shown(client, (await invited(client, device, name))["code"])).json()
    assert (answer["organization"], answer["device"], answer["name"]) == (client.organization, device, name)
    return Tablet(client, device, answer["secret"])
