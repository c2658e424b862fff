"""Keys for programs: told once, good for what integrators may in one organization, until they end."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.http.identity.asking import asked, refused
from tests.support.eventually import eventually
from tests.support.shop import Client, new_id, problem


async def made(client: Client, key: str | None = None, **body: Any) -> str:
    said = await client.done(f"/api-keys/{key or new_id()}/create", {"name": "Shop on the web", **body})
    secret: str = said["secret"]
    return secret


async def is_let_in(client: Client, secret: str) -> bool:
    """Whether the key counts; of an organization that was just founded there may be nothing to read yet."""
    return (await client.get("/events", token=secret)).status_code in (200, 503)


async def test_a_key_is_an_integrator_in_its_organization_and_nothing_elsewhere(founded: Client, other: Client) -> None:
    secret = await made(founded)
    assert await is_let_in(founded, secret)
    problem(await asked(founded, secret), 403, "forbidden")
    problem(await other.get("/events", token=secret), 404, "unknown_organization")
    joining = await founded.post("/join", token=secret)
    problem(joining, 403, "forbidden")


async def test_a_key_may_be_good_for_less(founded: Client) -> None:
    secret = await made(founded, only=["catalogue"])
    for _ in range(2):
        problem(await founded.get("/events", token=secret), 403, "forbidden")
    assert (await founded.get(f"/sales/{new_id()}/catalogue", token=secret)).status_code in (200, 503)
    body = {"name": "Too much", "only": ["list-sales"]}
    problem(await founded.post(f"/api-keys/{new_id()}/create", body), 422, "body_invalid")


async def test_a_revoked_key_counts_no_more_at_once(founded: Client) -> None:
    key = new_id()
    secret = await made(founded, key)
    assert await is_let_in(founded, secret)
    revoked = await founded.done(f"/api-keys/{key}/revoke")
    await refused(founded, secret, "The session has ended.")
    listed = await founded.get("/api-keys", after_position=revoked["position"])
    (row,) = listed.json()["items"]
    assert (row["key"], row["status"], row["created_by"], row["used_at"] is not None) == (key, "revoked", "anna", True)
    assert secret not in listed.text


async def test_an_expired_key_counts_no_more(founded: Client) -> None:
    async def about_to_expire() -> str:
        """Return a key's secret; none, where its time was over before it was made."""
        soon = datetime.now(UTC) + timedelta(seconds=1.5)
        body = {"name": "Shop on the web", "expires_at": soon.isoformat()}
        answer = await founded.post(f"/api-keys/{new_id()}/create", body)
        return str(answer.json().get("secret", ""))

    secret = await eventually(about_to_expire)

    async def is_over() -> bool:
        return not await is_let_in(founded, secret)

    await eventually(is_over)
    await refused(founded, secret)


async def test_an_answer_that_was_lost_is_asked_for_again_until_the_key_is_used(founded: Client) -> None:
    path, idempotency = f"/api-keys/{new_id()}/create", new_id()
    body = {"name": "Shop on the web"}
    first, again = [(await founded.done(path, body, key=idempotency))["secret"] for _ in range(2)]
    await refused(founded, first)
    assert await is_let_in(founded, again)
    assert (await founded.done(path, body, key=idempotency))["secret"] is None
    assert await is_let_in(founded, again)


async def test_nobody_ends_the_key_of_another_organization(founded: Client, other: Client) -> None:
    key = new_id()
    secret = await made(founded, key)
    problem(await other.post(f"/api-keys/{key}/revoke"), 404, "unknown_api_key")
    await made(other, key)
    await other.done(f"/api-keys/{key}/revoke")
    assert await is_let_in(founded, secret)
