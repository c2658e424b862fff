"""Signing in by PIN at a device, and what that reaches: one organization, from there, until somebody ends it."""

import pytest

from tests.http.identity.asking import asked, refused
from tests.support.shop import Client, Shop, new_id, problem
from tests.support.tablet import Tablet, enrolled, with_pin

PIN, WRONG = "4096173", "4096174"


@pytest.fixture
async def tablet(client: Client) -> Tablet:
    assert (await client.found()).status_code == 200
    await with_pin(client, "petra", PIN, "cashier")
    return await enrolled(client)


async def test_a_device_shows_who_has_a_pin_and_signs_them_in(tablet: Tablet) -> None:
    client = tablet.client
    shown = await client.get("/pins", token=tablet.secret)
    assert [(row["account"], row["name"], row["version"]) for row in shown.json()["items"]] == [
        ("petra", "Petra Example", 1)
    ]
    token = await tablet.signed_in("petra", PIN)
    assert (await asked(client, token)).status_code == 200
    problem(await asked(client, token, "elsewhere"), 404, "unknown_organization")
    problem(await asked(client, token, "platform"), 403, "forbidden")


async def test_commands_bear_the_device_of_the_token_and_no_other(shop: Shop) -> None:
    client, session = shop.client, new_id()
    await with_pin(client, "petra", PIN, "cashier")
    tablet = await enrolled(client)
    token = await tablet.signed_in("petra", PIN)
    opening = {"sale": shop.sale, "till": "K7", "float_minor": 0}
    path = f"/sessions/{session}/open"
    for device in (new_id(), f"{tablet.device}0", "another"):
        problem(await client.post(path, opening, token=token, x_device_id=device), 403, "device_differs")
    other = await enrolled(client, "Till 2")
    problem(await client.post(path, opening, token=token, x_device_secret=other.secret), 403, "device_differs")
    await client.done(path, opening, token=token)
    history = await client.get(f"/history/streams/session-{session}/events")
    (event,) = history.json()["items"]
    assert (event["account"], event["device"]) == ("petra", tablet.device)


async def test_a_pin_is_its_owners_alone_and_not_said_at_a_device(tablet: Tablet) -> None:
    client = tablet.client
    path, body = "/memberships/petra/set-pin", {"pin": "5082736"}
    problem(await client.post(path, body), 404, "unknown_account")
    token = await tablet.signed_in("petra", PIN)
    problem(await client.post(path, body, token=token), 403, "forbidden")
    for unfit in ("1234", "123", "abcd"):
        petra = client.token_of("petra", {client.organization: ("cashier",)})
        problem(await client.post(path, {"pin": unfit}, token=petra), 422, "pin_unfit")


async def test_guesses_are_few_and_a_lock_out_says_nothing_of_whether_the_pin_was_right(tablet: Tablet) -> None:
    for account in ("petra", "nobody"):
        for _ in range(5):
            problem(await tablet.tried(account, WRONG), 401, "sign_in_failed")
        locked = await tablet.tried(account, PIN)
        problem(locked, 429, "too_many_tries")
        assert 0 < int(locked.headers["Retry-After"]) <= 30


async def test_organizers_see_who_tries_pins_at_which_till(tablet: Tablet) -> None:
    client = tablet.client
    for account in ("petra", "petra", "nobody"):
        problem(await tablet.tried(account, WRONG), 401, "sign_in_failed")
    found = (await client.get("/audit", event="pin-refused", device=tablet.device)).json()["items"]
    assert [(each["account"], each["role"], each["stream"]) for each in found] == [
        (tablet.device, "device", f"device-{tablet.device}")
    ] * 3
    events = (await client.get(f"/history/streams/device-{tablet.device}/events")).json()["items"]
    told = [each["data"] for each in events if each["event"] == "pin-refused"]
    assert [(each["account"], each["use"], each["times"]) for each in told] == [
        ("petra", "sign_in", 1),
        ("petra", "sign_in", 2),
        (None, "sign_in", 1),
    ]


async def test_a_pin_that_was_taken_away_signs_out_at_once_and_in_no_more(tablet: Tablet) -> None:
    token = await tablet.signed_in("petra", PIN)
    assert (await asked(tablet.client, token)).status_code == 200
    await tablet.client.done("/memberships/petra/take-pin")
    await refused(tablet.client, token, "The session has ended.")
    problem(await tablet.tried("petra", PIN), 401, "sign_in_failed")


async def test_whoever_leaves_the_organization_signs_in_no_more(tablet: Tablet) -> None:
    ended = await tablet.client.done("/memberships/petra/end")
    await tablet.client.get("/pins", after_position=ended["position"])
    problem(await tablet.tried("petra", PIN), 401, "sign_in_failed")


async def test_a_revoked_device_ends_whoever_signed_in_there(tablet: Tablet) -> None:
    response = await tablet.tried("petra", PIN)
    token, refresh = response.json()["access_token"], response.json()["refresh_token"]
    await tablet.client.done(f"{tablet.path}/revoke")
    await refused(tablet.client, token, "The session has ended.")
    again = await tablet.client.http.post("/api/v1/identity/refresh", json={"refresh_token": refresh})
    problem(again, 401, "sign_in_failed")
    problem(await tablet.tried("petra", PIN), 401, "unauthenticated")


async def test_signing_out_at_the_device_ends_the_session(tablet: Tablet) -> None:
    token = await tablet.signed_in("petra", PIN)
    await tablet.client.done(f"{tablet.path}/sign-out", token=token)
    await refused(tablet.client, token, "The session has ended.")


async def test_verifiers_are_told_to_the_device_itself_and_to_nobody_else(tablet: Tablet) -> None:
    client, path = tablet.client, f"{tablet.path}/verifiers"
    await with_pin(client, "vera", "5082736", "volunteer")
    told = await client.get(path, token=tablet.secret)
    assert told.headers["Cache-Control"] == "no-store"
    assert [(row["account"], row["version"]) for row in told.json()["items"]] == [("petra", 1)]
    other = await enrolled(client, "Till 2")
    problem(await client.get(path, token=other.secret), 404, "unknown_device")
    for token in (client.token, await tablet.signed_in("petra", PIN)):
        problem(await client.get(path, token=token), 403, "forbidden")
    bound = {row["digest"] for each in (tablet, other) for row in (await cached(each))}
    assert len(bound) == 2, "the same PIN looks different on each device"


async def cached(tablet: Tablet) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = (await tablet.client.get(f"{tablet.path}/verifiers", token=tablet.secret)).json()[
        "items"
    ]
    return rows


async def test_the_name_by_which_a_member_is_chosen_goes_when_they_are_forgotten(tablet: Tablet) -> None:
    client = tablet.client
    forgotten = await client.done("/consignors/petra/forget")
    shown = await client.get("/pins", token=tablet.secret, after_position=forgotten["position"])
    assert [(row["account"], row["name"]) for row in shown.json()["items"]] == [("petra", None)]


async def test_an_organizers_pin_leads_nothing_but_what_is_done_on_the_floor(tablet: Tablet) -> None:
    client = tablet.client
    await with_pin(client, "olive", "5082736", "organizer")
    token = await tablet.signed_in("olive", "5082736")
    for path in ("/sales", "/sessions", "/items"):
        assert (await client.get(path, token=token)).status_code == 200
    for path in ("/memberships", "/api-keys", "/devices", "/books", "/audit"):
        problem(await client.get(path, token=token), 403, "forbidden")
    for path, body in (
        ("/memberships/petra/grant-roles", {"roles": ["organizer"]}),
        ("/memberships/petra/end", {}),
        ("/memberships/olive/end", {}),
        ("/memberships/petra/take-pin", {}),
        (f"/api-keys/{new_id()}/create", {"name": "Mine"}),
        (f"/devices/{new_id()}/invite", {"name": "Mine"}),
        ("/join", {}),
    ):
        problem(await client.post(path, body, token=token), 403, "forbidden")
