"""Taking part over HTTP: people and their profiles, places, fees, invitations, and what a consignor alone may do."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.eventually import eventually
from tests.support.shop import SETTINGS, Client, Shop, new_id, problem

TERMS = "2026-09"
ADA: Mapping[str, str] = {"name": "Ada Example", "email": "ada@example.org"}


class Sale:
    """A sale that takes registrations, and tokens of people who come to it."""

    def __init__(self, client: Client, sale: str) -> None:
        self.client = client
        self.sale = sale

    @classmethod
    async def opened(cls, client: Client, **participation: Any) -> "Sale":
        assert (await client.found()).status_code == 200
        return await cls.another(client, **participation)

    @classmethod
    async def another(cls, client: Client, **participation: Any) -> "Sale":
        sale = new_id()
        settings = {**SETTINGS, "terms_version": TERMS, "participation": participation}
        await client.done(f"/sales/{sale}/plan", {"name": "Spring", "settings": settings})
        await client.done(f"/sales/{sale}/change-phase", {"phase": "registration"})
        return cls(client, sale)

    def token(self, account: str) -> str:
        return self.client.token_of(account, {self.client.organization: ("consignor",)})

    async def take_part(self, account: str, **said: Any) -> dict[str, Any]:
        """Register somebody by their own token; return the answer."""
        return await self.client.done(
            f"/participations/{new_id()}/take-part", {"sale": self.sale, **said}, token=self.token(account)
        )

    async def row(self, participation: str, **how: Any) -> dict[str, Any]:
        answer = await self.client.get(f"/participations/{participation}", **how)
        assert answer.status_code == 200, answer.text
        row: dict[str, Any] = answer.json()
        return row


async def test_a_profile_is_said_once_and_seen_wherever_the_person_takes_part(client: Client) -> None:
    spring = await Sale.opened(client)
    autumn = await Sale.another(client)
    first = await spring.take_part("ada", profile=ADA)
    second = await autumn.take_part("ada")
    assert (await autumn.row(second["participation"], after_position=second["position"]))["profile"] == ADA

    moved = {**ADA, "address": "Sea Lane 2"}
    said = await client.done("/consignors/ada/change-profile", {"profile": moved}, token=spring.token("ada"))
    for sale, joined in ((spring, first), (autumn, second)):
        assert (await sale.row(joined["participation"], after_position=said["position"]))["profile"] == moved
    listed = (await client.get("/consignors", after_position=said["position"])).json()["items"]
    assert [(each["account"], each["profile"], each["participations"]) for each in listed] == [("ada", moved, 2)]
    elsewhere = await client.post(f"/participations/{first['participation']}/change-profile", {"profile": ADA})
    problem(elsewhere, 409, "profile_of_account")


async def test_a_person_is_forgotten_everywhere_at_once_and_history_says_so(client: Client) -> None:
    spring = await Sale.opened(client)
    autumn = await Sale.another(client)
    joined = [await sale.take_part("ada", profile=ADA) for sale in (spring, autumn)]
    assert (await client.get("/consignors/ada", after_position=joined[1]["position"])).status_code == 200
    await spring.row(joined[1]["participation"], after_position=joined[1]["position"])

    gone = await client.done(f"/participations/{joined[0]['participation']}/forget")
    assert gone["account"] == "ada"
    for each in joined:
        row = await spring.row(each["participation"], after_position=gone["position"])
        assert (row["profile"], row["forgotten"]) == (None, True)
    person = (await client.get("/consignors/ada", after_position=gone["position"])).json()
    assert person["profile"] is None
    assert person["forgotten_at"] is not None
    history = (await client.get("/history/streams/account-ada")).json()
    assert history["state"]["type"] == "forgotten"
    again = await client.post("/consignors/ada/change-profile", {"profile": ADA})
    problem(again, 410, "person_forgotten")
    problem(await client.post("/consignors/nobody/forget"), 404, "unknown_account")


async def test_a_consignor_sees_and_does_only_what_is_their_own(client: Client) -> None:
    sale = await Sale.opened(client)
    ada = await sale.take_part("ada", profile=ADA)
    bea = await sale.take_part("bea")
    mine, theirs = f"/participations/{ada['participation']}", f"/participations/{bea['participation']}"
    token, after = sale.token("ada"), {"after_position": bea["position"]}

    own = (await client.get("/participations", token=token, **after)).json()["items"]
    assert [(row["participation"], row["profile"]) for row in own] == [(ada["participation"], ADA)]
    hidden = (await client.get("/participations", token=token, account="bea", **after)).json()["items"]
    assert [row["account"] for row in hidden] == ["ada"]
    assert (await client.get(mine, token=token, **after)).status_code == 200
    assert (await client.get(f"{mine}/items", token=token, **after)).json()["items"] == []
    for path in (theirs, f"{theirs}/items"):
        problem(await client.get(path, token=token, **after), 404, "unknown_participation")
    problem(await client.post(f"{theirs}/withdraw", {}, token=token), 404, "unknown_participation")
    problem(await client.post(f"{theirs}/accept-terms", {"version": TERMS}, token=token), 404, "unknown_participation")
    for account in ("bea", "nobody"):
        problem(await client.get(f"/consignors/{account}", token=token), 404, "unknown_account")
        said = await client.post(f"/consignors/{account}/change-profile", {"profile": ADA}, token=token)
        problem(said, 404, "unknown_account")
    for path in ("/consignors", "/items", f"/sales/{sale.sale}/commission"):
        problem(await client.get(path, token=token), 403, "forbidden")
    problem(await client.post(f"{mine}/waive-fee", {"reason": "nice"}, token=token), 403, "forbidden")

    accepted = await client.done(f"{mine}/accept-terms", {"version": TERMS}, token=token)
    row = await sale.row(ada["participation"], token=token, after_position=accepted["position"])
    assert (row["terms_version"], row["terms_accepted_at"] is not None) == (TERMS, True)
    await client.done(f"{mine}/withdraw", {"reason": "moving"}, token=token)


async def test_a_full_sale_lets_the_next_one_move_up_by_itself(client: Client) -> None:
    sale = await Sale.opened(client, consignors_limit=1)
    first = await sale.take_part("ada")
    waiting = await sale.take_part("bea", profile=ADA)
    assert (waiting["status"], waiting["number"]) == ("waiting", None)
    listed = await client.get("/participations", status="waiting", sort="turn", after_position=waiting["position"])
    assert [(row["account"], row["turn"]) for row in listed.json()["items"]] == [("bea", 1)]

    await client.done(f"/participations/{first['participation']}/withdraw", {}, token=sale.token("ada"))

    async def moved_up() -> bool:
        return bool((await sale.row(waiting["participation"]))["status"] == "registered")

    await eventually(moved_up)
    row = await sale.row(waiting["participation"])
    assert (row["number"], row["profile"], row["fee_status"]) == (2, ADA, "due")


async def test_an_invitation_is_accepted_once_by_whoever_has_the_code(client: Client) -> None:
    sale = await Sale.opened(client, consignors_limit=1, terms_required=True)
    participation, tomorrow = new_id(), (datetime.now(UTC) + timedelta(days=1)).isoformat()
    invite = {"sale": sale.sale, "expires_at": tomorrow, "address": ADA, "number": 77, "fee_minor": 0}
    invited = await client.done(f"/participations/{participation}/invite", invite)
    again = await client.done(f"/participations/{participation}/invite", invite)
    assert invited["code"] == again["code"]
    problem(
        await client.post(f"/participations/{new_id()}/take-part", {"sale": sale.sale}, token=sale.token("bea")),
        409,
        "terms_not_accepted",
    )
    assert (await sale.take_part("bea", terms_version=TERMS))["status"] == "waiting"

    accept = {"code": invited["code"].lower().replace("-", " "), "profile": ADA, "terms_version": TERMS}
    path = f"/sales/{sale.sale}/accept-invitation"
    problem(await client.post(path, {**accept, "code": "AAAA"}, token=sale.token("ada")), 409, "invitation_invalid")
    answer = await client.done(path, accept, token=sale.token("ada"))
    assert (answer["participation"], answer["number"], answer["fee_minor"]) == (participation, 77, 0)
    problem(await client.post(path, accept, token=sale.token("eve")), 409, "invitation_invalid")
    row = await sale.row(participation, after_position=answer["position"])
    assert (row["status"], row["account"], row["profile"]) == ("registered", "ada", ADA)


async def test_bringing_somebody_is_rewarded_when_they_pay(client: Client) -> None:
    sale = await Sale.opened(client, referral={"reward": "commission_points", "points_ppm": 50_000})
    ada = await sale.take_part("ada")
    bea = await sale.take_part("bea", referral_code=ada["referral_code"].lower())
    body = {"sale": sale.sale, "referral_code": "0001-FFFFFF"}
    answer = await client.post(f"/participations/{new_id()}/take-part", body, token=sale.token("eve"))
    problem(answer, 422, "referral_invalid")
    paid = {"reference": "transfer 12", "amount_minor": 300}
    said = await client.done(f"/participations/{bea['participation']}/record-fee-payment", paid)

    async def rewarded() -> bool:
        return bool((await sale.row(ada["participation"], after_position=said["position"]))["rewards"])

    await eventually(rewarded)
    row = await sale.row(ada["participation"])
    assert (row["rewards"], row["points_off_ppm"]) == (1, 50_000)
    brought = (await client.get("/participations", referred_by=ada["participation"])).json()["items"]
    assert [each["account"] for each in brought] == ["bea"]


async def test_a_fee_at_the_till_is_in_the_drawer_the_report_and_the_books(shop: Shop) -> None:
    client = shop.client
    listed = (await client.get("/participations", sale=shop.sale, sort="number")).json()["items"]
    fee = {"participation": listed[0]["participation"], "means": "cash", "amount_minor": 300, "currency": "EUR"}
    problem(
        await client.post(f"/sessions/{shop.session}/receive-fee", {**fee, "amount_minor": 100}),
        422,
        "fee_amount_differs",
    )
    taken = await client.done(f"/sessions/{shop.session}/receive-fee", fee)
    assert (taken["status"], taken["amount_minor"]) == ("paid", 300)
    after = {"after_position": taken["position"]}
    session = (await client.get(f"/sessions/{shop.session}", **after)).json()
    assert (session["expected_minor"], session["figures"]["fees_cash_minor"]) == (10_300, 300)
    totals = (await client.get(f"/sales/{shop.sale}/commission", **after)).json()
    assert (totals["fees_minor"], totals["fees_paid_minor"], totals["net_minor"]) == (600, 300, -300)
    late = (await client.get("/participations", sale=shop.sale, fee_status="due", **after)).json()["items"]
    assert [row["number"] for row in late] == [18]

    back = {"participation": fee["participation"], "means": "cash", "reason": "ill"}
    given = await client.done(f"/sessions/{shop.session}/give-fee-back", back)
    books = (await client.get("/books", after_position=given["position"])).json()["sales"][0]
    assert books["sum_minor"] == 0
    closed = await client.done(f"/sessions/{shop.session}/close", {"counted_minor": 10_000})
    assert closed["difference_minor"] == 0


async def test_an_import_says_the_same_people_again_without_doubling_them(client: Client) -> None:
    sale = await Sale.opened(client, consignors_limit=3)
    path = f"/sales/{sale.sale}/import-consignors"
    csv = (
        b"name,email,number,account,terms_version,referral_code\n"
        b"Ada,ada@example.org,17,ada,2026-09,\n"
        b"Bea,bea@example.org,,,,\n"
        b"Bea Again,BEA@example.org,,,,\n"
        b"Cleo,,,,,0001-ABCDEF\n"
        b"Dora,,,dora dora,,\n"
        b"Emil,,,,,\n"
    )
    first = (await client.send(path, csv, media_type="text/csv")).json()
    assert [(row["row"], row["number"], row["already"]) for row in first["registered"]] == [
        (2, 17, False),
        (3, 18, False),
        (7, 19, False),
    ]
    assert [(error["row"], error["reason"]) for error in first["errors"]] == [
        (4, "participation_exists"),
        (5, "referral_invalid"),
        (6, "invalid"),
    ]
    second = (await client.send(path, csv + b"Fay,,,,,\n", media_type="text/csv")).json()
    assert [(row["row"], row["already"], row["status"]) for row in second["registered"]] == [
        (2, True, "registered"),
        (3, True, "registered"),
        (7, True, "registered"),
        (8, False, "waiting"),
    ]
    again = [row["participation"] for row in second["registered"]][:3]
    assert again == [row["participation"] for row in first["registered"]]


async def test_a_forgotten_person_in_an_import_is_a_bad_row_and_no_more(client: Client) -> None:
    sale = await Sale.opened(client)
    joined = await sale.take_part("ada", profile=ADA)
    await client.get("/consignors/ada", after_position=joined["position"])
    await client.done("/consignors/ada/forget", token=sale.token("ada"))
    rows = [{"profile": ADA, "account": "ada"}, {"profile": {"name": "Bea"}}]
    imported = await client.done(f"/sales/{sale.sale}/import-consignors", {"rows": rows})
    assert [row["row"] for row in imported["registered"]] == [1]
    assert [(error["pointer"], error["reason"]) for error in imported["errors"]] == [
        ("/rows/0/profile", "person_forgotten")
    ]
