"""Volunteers' shifts and slots over HTTP: what consignors do by themselves, and what staff records."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.http.test_taking_part import Sale
from tests.support.shop import SETTINGS, Client, new_id, problem

NOW = datetime.now(UTC).replace(microsecond=0)


async def opened(client: Client) -> Sale:
    assert (await client.found()).status_code == 200
    sale = new_id()
    commission: Any = {"default": {"rate_ppm": 200_000}, "by_tier": {"volunteer": {"rate_ppm": 100_000}}}
    shifts = {"tiers": [{"minutes": 60, "tier": "volunteer"}]}
    settings = {**SETTINGS, "commission": commission, "shifts": shifts}
    await client.done(f"/sales/{sale}/plan", {"name": "Spring", "settings": settings})
    await client.done(f"/sales/{sale}/change-phase", {"phase": "registration"})
    return Sale(client, sale)


def shift(begins_at: datetime, **more: Any) -> dict[str, Any]:
    ends_at = begins_at + timedelta(hours=1)
    return {"task": "Door", "begins_at": begins_at.isoformat(), "ends_at": ends_at.isoformat(), "capacity": 1, **more}


async def test_consignors_take_shifts_and_see_theirs_and_nobody_elses(client: Client) -> None:
    sale = await opened(client)
    path = f"/sales/{sale.sale}/shifts"
    await client.done(f"{path}/door/plan", shift(NOW + timedelta(days=3)))
    await client.done(f"{path}/tidy/plan", shift(NOW + timedelta(days=4)))
    ada, ben = await sale.take_part("ada"), await sale.take_part("ben")
    body = {"participation": ada["participation"]}
    taken = await client.done(f"{path}/door/take", body, token=sale.token("ada"))
    assert (taken["tier"], taken["promised_minutes"]) == ("volunteer", 60)

    problem(await client.post(f"{path}/tidy/take", body, token=sale.token("ben")), 404, "unknown_participation")
    full = await client.post(f"{path}/door/take", {"participation": ben["participation"]}, token=sale.token("ben"))
    assert [error["shift"] for error in problem(full, 409, "shift_full")["errors"]] == ["tidy"]
    problem(await client.post(f"{path}/no-such/take", body, token=sale.token("ada")), 404, "unknown_shift")
    problem(await client.post(f"{path}/door/plan", shift(NOW), token=sale.token("ada")), 403, "forbidden")

    listed = await client.get(path, after_position=taken["position"], token=sale.token("ben"))
    assert [(each["shift"], each["taken"]) for each in listed.json()["items"]] == [("door", 1), ("tidy", 0)]
    own = f"/participations/{ada['participation']}/shifts"
    theirs = await client.get(own, after_position=taken["position"], token=sale.token("ada"))
    assert [(each["shift"], each["outcome"]) for each in theirs.json()["items"]] == [("door", "promised")]
    problem(await client.get(own, token=sale.token("ben")), 404, "unknown_participation")


async def test_staff_records_work_by_number_and_corrects_it(client: Client) -> None:
    sale = await opened(client)
    path = f"/sales/{sale.sale}/shifts/door"
    await client.done(f"{path}/plan", shift(NOW - timedelta(minutes=5)))
    ada = await sale.take_part("ada")
    await client.done(f"{path}/take", {"participation": ada["participation"]})
    missed = await client.done(f"{path}/record-no-show", {"consignor": ada["number"]})
    assert (missed["tier"], missed["broken"]) == (None, True)
    worked = await client.done(f"{path}/record-work", {"consignor": ada["number"], "minutes": 60})
    assert (worked["tier"], worked["broken"]) == ("volunteer", False)
    rows = await client.get(f"/sales/{sale.sale}/work", after_position=worked["position"], outcome="worked")
    assert [(each["number"], each["minutes"]) for each in rows.json()["items"]] == [(ada["number"], 60)]
    row = await sale.row(ada["participation"], after_position=worked["position"])
    assert row["tier"] == "volunteer"
    problem(await client.post(f"{path}/record-work", {"consignor": 999}), 404, "unknown_consignor")
    await client.done(f"{path}/retract-work", {"consignor": ada["number"]})


async def test_a_full_slot_names_what_is_free_and_who_does_not_come_is_late(client: Client) -> None:
    sale = await opened(client)
    path = f"/sales/{sale.sale}/slots"
    past, coming = NOW - timedelta(hours=2), NOW + timedelta(hours=2)
    for code, begins_at in (("early", past), ("now", coming), ("later", coming + timedelta(hours=1))):
        times = {"begins_at": begins_at.isoformat(), "ends_at": (begins_at + timedelta(hours=1)).isoformat()}
        await client.done(f"{path}/{code}/plan", {"kind": "drop_off", "capacity": 1, **times})
    ada, ben = await sale.take_part("ada"), await sale.take_part("ben")
    await client.done(f"{path}/early/choose", {"participation": ada["participation"]})
    body = {"participation": ben["participation"]}
    late = await client.post(f"{path}/early/choose", body, token=sale.token("ben"))
    problem(late, 409, "too_late")
    full = problem(await client.post(f"{path}/early/choose", body), 409, "slot_full")
    assert [error["slot"] for error in full["errors"]] == ["now", "later"]
    chosen = await client.done(f"{path}/now/choose", body, token=sale.token("ben"))
    problem(await client.post(f"/sales/{sale.sale}/slots/none/choose", body), 404, "unknown_slot")

    missed = (await client.get(f"/sales/{sale.sale}/late", after_position=chosen["position"])).json()["items"]
    assert [row["number"] for row in missed] == [ada["number"]]
    came = await client.done(f"/sales/{sale.sale}/record-arrival", {"consignor": ada["number"], "kind": "drop_off"})
    assert (await client.get(f"/sales/{sale.sale}/late", after_position=came["position"])).json()["items"] == []
    own = f"/participations/{ben['participation']}/slots"
    mine = await client.get(own, after_position=came["position"], token=sale.token("ben"))
    assert [row["slot"] for row in mine.json()["items"]] == ["now"]
    problem(await client.get(own, token=sale.token("ada")), 404, "unknown_participation")
