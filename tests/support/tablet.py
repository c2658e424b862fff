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

    async def tried(self, account: str, pin: str) -> httpx.Response:
        """Let somebody choose a name here and enter a PIN."""
        bearer = {"Authorization": f"Bearer {self.secret}"}
        path = self.client.path(f"{self.path}/sign-in")
        return await self.client.http.post(path, json={"account": account, "pin": pin}, headers=bearer)

    async def signed_in(self, account: str, pin: str) -> str:
        """Return the access token of somebody who signs in here."""
        response = await self.tried(account, pin)
        assert response.status_code == 200, response.text
        token: str = response.json()["access_token"]
        return token


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


async def with_pin(client: Client, account: str, pin: str, *roles: str) -> None:
    """Let somebody be a member who has a PIN."""
    await client.done(f"/memberships/{account}/grant-roles", {"roles": list(roles)})
    token = client.token_of(account, {client.organization: roles})
    said = await client.done(
        f"/memberships/{account}/set-pin", {"pin": pin, "name": f"{account.title()} Example"}, token=token
    )
    assert (await client.get("/pins", after_position=said["position"])).status_code == 200
