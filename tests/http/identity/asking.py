"""Asking the service with a token, and what its answers say of the token."""

import httpx

from tests.support.shop import Client, problem


async def asked(client: Client, token: str, organization: str | None = None) -> httpx.Response:
    path = f"/api/v1/organizations/{organization or client.organization}/sales"
    return await client.http.get(path, headers={"Authorization": f"Bearer {token}"})


async def believed(client: Client, token: str) -> None:
    """Assert that the service knows who asks: somebody who has no business in the organization."""
    problem(await asked(client, token), 404, "unknown_organization")


async def refused(client: Client, token: str, detail: str = "The token is not valid.") -> None:
    """Assert that the service does not know who asks, and tells no more of it than this."""
    document = problem(response := await asked(client, token), 401, "unauthenticated")
    assert document["detail"] == detail
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
