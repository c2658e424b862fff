"""Everything that is kept about a person, in one answer: for the person, and for organizers on their behalf."""

import csv
import io
import json
import zipfile

from tests.support.settled_shop import ADAS_IBAN
from tests.support.shop import SETTINGS, Client, Shop, new_id, problem

ADA = {"name": "Ada Example", "email": "ada@example.org", "phone": "+44 20 7946 0000"}


def unzipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows_of(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode(), newline="")))


async def taking_part(client: Client) -> tuple[Shop, str, str]:
    """Let Ada take part with an item, a draft and payout details, and Bea beside her."""
    shop = await Shop.planned(client)
    await shop.move_to("registration")
    participation = new_id()
    token = client.token_of("ada", {client.organization: ("consignor",)})
    taken = await client.done(
        f"/participations/{participation}/take-part", {"sale": shop.sale, "profile": ADA}, token=token
    )
    bea = {"sale": shop.sale, "profile": {"name": "Bea Neighbour"}, "number": 900}
    joined = await client.done(f"/participations/{new_id()}/register", bea)
    await client.get("/participations", after_position=joined["position"])
    rows = [
        {"consignor": number, "category": "toys", "description": what, "price_minor": 500}
        for number, what in ((taken["number"], "Ada's bear"), (900, "Bea's ball"))
    ]
    await client.done(f"/sales/{shop.sale}/import-items", {"rows": rows})
    details = {"name": "Ada Example", "iban": ADAS_IBAN}
    said = await client.done(
        f"/participations/{participation}/change-payout-details", {"sale": shop.sale, "details": details}, token=token
    )
    await client.get("/participations", after_position=said["position"])
    return shop, participation, token


async def test_a_person_gets_everything_of_their_own_and_nothing_of_others(client: Client) -> None:
    shop, participation, token = await taking_part(client)
    moved = await client.done(f"/sales/{shop.sale}/change-settings", {"settings": SETTINGS})
    after = {"after_position": moved["position"]}

    told = await client.get("/consignors/ada/personal-data", token=token, **after)

    assert told.status_code == 200, told.text
    assert told.headers["Cache-Control"] == "no-store"
    assert told.headers["Content-Disposition"].startswith("attachment")
    answer = told.json()
    assert answer["profile"] == {**ADA}
    (taken,) = answer["participations"]
    assert taken["participation"]["participation"] == participation
    assert [item["description"] for item in taken["items"]] == ["Ada's bear"]
    assert [details["iban"] for details in taken["payout_details"]] == [ADAS_IBAN.replace(" ", "")]
    assert "Bea" not in told.text
    assert "ciphertext" not in told.text
    elsewhere = await client.get("/consignors/ada/personal-data", token=token, sale=new_id(), **after)
    assert elsewhere.json()["participations"] == []
    assert (await client.get("/consignors/ada/personal-data", **after)).json() == answer


async def test_nobody_else_gets_it(client: Client) -> None:
    await taking_part(client)
    for account in ("bea", "casey"):
        other = client.token_of(account, {client.organization: ("consignor",)})
        problem(await client.get("/consignors/ada/personal-data", token=other), 404, "unknown_account")
    cashier = client.token_of("casey", {client.organization: ("cashier",)})
    problem(await client.get("/consignors/ada/personal-data", token=cashier), 403, "forbidden")
    problem(await client.get("/consignors/nobody/personal-data"), 404, "unknown_account")


async def test_the_same_comes_as_tables_that_people_can_read(client: Client) -> None:
    shop, participation, token = await taking_part(client)
    plain = (await client.get("/consignors/ada/personal-data", token=token)).json()
    told = await client.get("/consignors/ada/personal-data.zip", token=token)
    assert (told.headers["Content-Type"], told.headers["Cache-Control"]) == ("application/zip", "no-store")
    tables = unzipped(told.content)
    assert {**json.loads(tables["personal-data.json"]), "position": 0} == {**plain, "position": 0}
    assert {"what": "profile email", "said": "ada@example.org"} in rows_of(tables["person.csv"])
    (item,) = rows_of(tables["items.csv"])
    assert (item["sale"], item["description"], item["price"], item["currency"]) == (
        shop.sale,
        "Ada's bear",
        "5.00",
        "EUR",
    )
    (details,) = rows_of(tables["payout_details.csv"])
    assert details["iban"] == ADAS_IBAN.replace(" ", "")
    assert [row["participation"] for row in rows_of(tables["participations.csv"])] == [participation]
    assert not any(b"Bea" in table for table in tables.values())
    assert (await client.get("/consignors/ada/personal-data.zip", token=token)).content == told.content
    problem(await client.get("/consignors/bea/personal-data.zip", token=token), 404, "unknown_account")


async def test_of_who_has_no_account_organizers_ask_by_the_participation(client: Client) -> None:
    _, adas, token = await taking_part(client)
    beas = next(
        row["participation"] for row in (await client.get("/participations")).json()["items"] if row["account"] is None
    )
    told = await client.get(f"/participations/{beas}/personal-data")
    assert told.json()["profile"]["name"] == "Bea Neighbour"
    assert [item["description"] for item in told.json()["participations"][0]["items"]] == ["Bea's ball"]
    assert "Ada" not in told.text
    tables = unzipped((await client.get(f"/participations/{beas}/personal-data.zip")).content)
    assert {"what": "profile name", "said": "Bea Neighbour"} in rows_of(tables["person.csv"])
    assert rows_of(tables["payout_details.csv"]) == []
    assert (await client.get(f"/participations/{adas}/personal-data", token=token)).json()["profile"] == ADA
    for form in ("", ".zip"):
        other = await client.get(f"/participations/{beas}/personal-data{form}", token=token)
        problem(other, 404, "unknown_participation")
    forgotten = await client.done(f"/participations/{beas}/forget")
    left = await client.get(f"/participations/{beas}/personal-data", after_position=forgotten["position"])
    assert (left.json()["profile"], "Bea Neighbour" in left.text) == (None, False)


async def test_of_who_was_forgotten_only_what_names_nobody_is_left(client: Client) -> None:
    await taking_part(client)
    forgotten = await client.done("/consignors/ada/forget")
    told = await client.get("/consignors/ada/personal-data", after_position=forgotten["position"])
    answer = told.json()
    assert (answer["profile"], answer["participations"][0]["payout_details"]) == (None, [])
    assert answer["forgotten_at"] is not None
    assert "Example" not in told.text


async def test_no_path_and_no_query_asks_for_what_names_somebody(client: Client) -> None:
    document = (await client.http.get("/schema/openapi.json")).json()
    asked = {
        (path, parameter["name"])
        for path, methods in document["paths"].items()
        for operation in methods.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] in ("path", "query")
    }
    assert len(asked) > 100
    telling = ("name", "mail", "phone", "address", "iban", "bic", "holder", "token", "password", "secret")
    assert [each for each in asked if any(word in each[1].lower() for word in telling)] == []
