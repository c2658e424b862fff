"""Proceeds for charity over HTTP: pledged by a consignor, told on the statement, handed on by the organizer."""

from tests.papers.reading import texts
from tests.support.settled_shop import to_be_settled
from tests.support.shop import SETTINGS, Client, Shop, problem


async def test_proceeds_are_pledged_stated_and_handed_on(client: Client) -> None:
    shop = await Shop.opened(client)
    await shop.sold(*shop.tags)
    settled = await to_be_settled(shop)
    ada = settled.participations[17]
    pledge = f"/participations/{ada}/pledge-proceeds"
    problem(await client.post(pledge, {"share_ppm": 1_000_000}), 409, "no_charity")
    settings = {**SETTINGS, "settlement": {"charity": "Food bank"}}
    await client.done(f"/sales/{shop.sale}/change-settings", {"settings": settings})
    pledged = await client.done(pledge, {"share_ppm": 1_000_000})
    assert (pledged["number"], pledged["of"], pledged["charity"]) == (17, "everything", "Food bank")
    shown = await settled.answer(f"/participations/{ada}", pledged["position"])
    assert (shown["pledge_ppm"], shown["pledge_of"]) == (1_000_000, "everything")
    frozen = await settled.freeze()
    statements = await settled.answer("/statements", frozen["position"], sale=shop.sale, consignor=17)
    (hers,) = statements["items"]
    left_minor = hers["figures"]["donated_minor"]
    assert left_minor > 0
    assert hers["net_minor"] == 0
    left = f"{left_minor // 100}.{left_minor % 100:02}"
    paper = await client.get(f"/sales/{shop.sale}/statements.pdf", consignors="17", after_position=frozen["position"])
    told = " ".join(texts(paper.content)).partition("Left to charity")[2]
    assert told.strip().lstrip("-−").startswith(left)
    table = await client.get(f"/sales/{shop.sale}/statements/{hers['statement']}/csv")
    assert f"donated,,{left}" in table.text
    paid = await client.done(settled.path("/settlement/pay-charity"), {"reference": "transfer 119"})
    assert (paid["paid_minor"], paid["owed_minor"]) == (left_minor, 0)
    report = await settled.answer(settled.path("/reports/charity"), paid["position"])
    total = {name: figure if isinstance(figure, int) else figure["value"] for name, figure in report["total"].items()}
    assert total == {"left_minor": left_minor, "given_up_minor": 0, "paid_minor": left_minor, "owed_minor": 0}
    problem(await client.post(settled.path("/settlement/reopen"), {"reason": "again"}), 409, "payouts_made")
