"""Items over HTTP before they are brought: one by one, as drafts, from a shop's export, changed, printed, copied."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.shop import SETTINGS, Client, Shop, new_id, problem

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PICTURE = "https://example.org/puzzle.jpg"
COLUMNS = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Option1 Name,Option1 Value,Option2 Name,Option2 Value,"
    "Variant SKU,Variant Inventory Qty,Variant Price,Image Src,Status"
)
LINES = """
train,Wooden train,<p>STORY</p>,Colibri,Toys,"wood, train",Title,Default Title,,,WT-1,2,4.50,https://example.org/1,active
train,,,,,,,,,,,,,https://example.org/2,
body,Bodysuit,,Colibri,Baby,,Size,86,Color,Blue,BS-86,1,3.00,,active
body,,,,,,,92,,Red,BS-92,3,3.00,,
lamp,Lamp,,Colibri,Light,,Title,Default Title,,,L-1,1,9.00,,active
kite,Kite,,Colibri,Toys,,Title,Default Title,,,K-1,0,9.00,,active
doll,Doll,,Colibri,Toys,,Title,Default Title,,,D-1,1,free,,active
game,Game,,Colibri,Toys,,Title,Default Title,,,G-1,1,2.00,,draft
"""
SHOP_CSV = COLUMNS + LINES.replace("STORY", "long " * 500)
WITH_LOTS = {
    **SETTINGS,
    "categories": [
        *SETTINGS["categories"],
        {"code": "bodysuit", "name": "Bodysuit", "lot": {"pieces_maximum": 3, "size_and_brand": True}},
    ],
}


async def registering(client: Client, settings: Mapping[str, Any] = SETTINGS, **organization: Any) -> Shop:
    """A sale with consignors 17 and 18 that lists items."""
    shop = await Shop.planned(client, **organization)
    await client.done(f"/sales/{shop.sale}/change-settings", {"settings": settings})
    await shop.move_to("registration")
    rows = [{"number": number, "profile": {"name": f"Person {number}"}} for number in (17, 18)]
    await client.done(f"/sales/{shop.sale}/import-consignors", {"rows": rows})
    return shop


async def item(client: Client, tag: str, position: int) -> Any:
    return (await client.get(f"/items/{tag}", after_position=position)).json()


PUZZLE = {"consignor": 17, "category": "toys", "description": "Puzzle", "price_minor": 450}


async def test_a_draft_is_kept_shown_and_listed_with_a_tag(client: Client) -> None:
    shop = await registering(client)
    path = f"/sales/{shop.sale}/drafts/{new_id()}"
    saved = await client.done(f"{path}/save", {"consignor": 17, "description": "Puzzle", "image_source": PICTURE})
    assert [(lacks["pointer"], lacks["reason"]) for lacks in saved["lacking"]] == [("/category", "incomplete")]
    shown = (await client.get(path, after_position=saved["position"])).json()
    assert (shown["description"], shown["price_minor"], shown["image_source"]) == ("Puzzle", None, PICTURE)

    listed = await client.done(f"{path}/list", PUZZLE)
    assert (await item(client, listed["tag"], listed["position"]))["draft"] == shown["draft"]
    problem(await client.get(path, after_position=listed["position"]), 404, "unknown_draft")
    assert (await client.done(f"{path}/list", PUZZLE))["already"] is True


async def test_an_item_that_breaks_a_rule_is_refused_at_its_field(client: Client) -> None:
    shop = await registering(client)
    answer = await client.post(f"/sales/{shop.sale}/drafts/{new_id()}/list", {**PUZZLE, "price_minor": 455})
    refused = problem(answer, 422, "item_invalid")
    assert [(error["pointer"], error["reason"]) for error in refused["errors"]] == [("/price_minor", "price_step")]


async def test_a_printed_tag_is_void_once_its_item_is_changed(client: Client) -> None:
    shop = await Shop.opened(client)
    tag = shop.tags[0]
    await client.done(f"/sales/{shop.sale}/mark-tags-printed", {"tags": [tag]})
    rows = [{"tag": tag, "price_minor": 300}, {"tag": shop.tags[1], "price_minor": 301}]
    changed = await client.done(f"/sales/{shop.sale}/change-items", {"rows": rows})
    assert [error["pointer"] for error in changed["errors"]] == ["/rows/1/price_minor"]
    now = changed["changed"][0]["tag"]

    refused = problem(await client.post(shop.basket(new_id(), "scan"), {"tag": tag}), 409, "tag_voided")
    assert refused["errors"][0]["replaced_by"] == now
    assert (await shop.sold(now))["total_minor"] == 300
    path = f"/sales/{shop.sale}/items/{shop.tags[1]}/change"
    assert (await client.done(path, {"reduce": True}))["tag"] == shop.tags[1], "no tag says whether it may be reduced"
    refused = problem(await client.post(path, {"price_minor": 301}), 422, "item_invalid")
    assert refused["errors"][0]["pointer"] == "/price_minor"
    old = await item(client, tag, changed["position"])
    assert (old["status"], old["replaced_by"], old["printed_by"]) == ("voided", now, "anna")


async def test_wishes_and_photos_are_said_of_many_items_at_once(client: Client) -> None:
    shop = await registering(client)
    tags = [
        (await client.done(f"/sales/{shop.sale}/drafts/{new_id()}/list", PUZZLE))["tag"],
        (await client.done(f"/sales/{shop.sale}/drafts/{new_id()}/list", PUZZLE))["tag"],
    ]
    wished = await client.done(f"/sales/{shop.sale}/change-wishes", {"tags": [*tags, "12"], "donate": True})
    assert (wished["tags"], [error["reason"] for error in wished["errors"]]) == (tags, ["tag_invalid"])
    photos = [{"photo": new_id(), "sha256": SHA256}]
    arranged = await client.done(
        f"/sales/{shop.sale}/arrange-photos", {"rows": [{"tag": tag, "photos": photos} for tag in tags]}
    )
    shown = await item(client, tags[1], arranged["position"])
    assert (shown["donate"], shown["photos"]) == (True, photos)


async def test_consignors_enter_their_own_items_and_reach_no_others(client: Client) -> None:
    shop = await registering(client)
    carla = client.token_of("carla", {client.organization: ("consignor",)})
    participation, body = new_id(), {"sale": shop.sale, "number": 20, "account": "carla"}
    await client.done(f"/participations/{participation}/register", body)
    path = f"/sales/{shop.sale}/drafts/{new_id()}/list"
    hers = await client.done(path, {**PUZZLE, "consignor": 20}, token=carla)
    others = await client.done(f"/sales/{shop.sale}/drafts/{new_id()}/list", PUZZLE)
    answer = await client.post(f"/sales/{shop.sale}/drafts/{new_id()}/list", PUZZLE, token=carla)
    problem(answer, 404, "unknown_consignor")
    withdrawn = await client.done(
        f"/sales/{shop.sale}/withdraw-items", {"tags": [hers["tag"], others["tag"]]}, token=carla
    )
    assert (withdrawn["tags"], withdrawn["errors"][0]["reason"]) == ([hers["tag"]], "unknown_tag")
    problem(await client.post(f"/sales/{shop.sale}/check-in-items", {"tags": ["1"]}, token=carla), 403, "forbidden")

    saved = await client.done(f"/sales/{shop.sale}/drafts/{new_id()}/save", {"consignor": 20}, token=carla)
    path, at = f"/participations/{participation}/drafts", {"after_position": saved["position"]}
    assert len((await client.get(path, token=carla, **at)).json()["items"]) == 1
    stranger = client.token_of("dora", {client.organization: ("consignor",)})
    problem(await client.get(path, token=stranger, **at), 404, "unknown_participation")


async def test_quotas_hold_in_bulk_and_an_organizer_goes_beyond_them(client: Client) -> None:
    shop = await registering(client, {**SETTINGS, "items_per_list": 1})
    import_path = f"/sales/{shop.sale}/import-items"
    answer = await client.done(import_path, {"rows": [PUZZLE, {**PUZZLE, "row": 7}]})
    assert [(error["row"], error["reason"]) for error in answer["errors"]] == [(7, "quota_exceeded")]
    volunteer = client.token_of("vera", {client.organization: ("volunteer",)})
    beyond = {"rows": [PUZZLE], "beyond_quota": True}
    problem(await client.post(import_path, beyond, token=volunteer), 403, "role_needed")
    listed = (await client.done(import_path, beyond))["listed"]
    assert len(listed) == 1
    csv = b"consignor,category,description,price,pieces,size,brand,reference\n17,toys,Ball,3.00,,S,Colibri,B-1\n"
    imported = await client.send(f"{import_path}?beyond_quota=true&currency=EUR", csv, media_type="text/csv")
    tag = imported.json()["listed"][0]["tag"]
    shown = await item(client, tag, imported.json()["position"])
    assert (shown["reference"], shown["brand"], shown["beyond_quota"]) == ("B-1", "Colibri", True)


@pytest.mark.parametrize(("quantity", "pieces"), [("items", [1, 1, 1, 1, 1, 1]), ("lot", [1, 3])])
async def test_a_shops_export_is_listed_and_every_wrong_line_is_named(
    client: Client, quantity: str, pieces: list[int]
) -> None:
    shop = await registering(client, WITH_LOTS)
    path = f"/sales/{shop.sale}/import-shopify-products?currency=EUR"
    body = {
        "csv": SHOP_CSV,
        "categories": {"Toys": "toys", "Baby": "bodysuit"},
        "consignor": 17,
        "quantity": quantity,
    }
    answer = await client.done(path, body)
    shown = [await item(client, row["tag"], answer["position"]) for row in answer["listed"]]
    assert [each["pieces"] for each in shown] == pieces
    assert {(each["description"], each["size"], each["brand"]) for each in shown} >= {
        ("Bodysuit, Blue", "86", "Colibri"),
        ("Bodysuit, Red", "92", "Colibri"),
    }
    lots = [(2, "/rows/0/pieces")] if quantity == "lot" else []
    assert [(error["row"], error["pointer"]) for error in answer["errors"]] == [
        *lots,
        (6, "/rows/4/type"),
        (7, "/rows/5/variant_inventory_qty"),
        (8, "/rows/6/variant_price"),
        (9, "/rows/7/status"),
    ]
    again = await client.done(path, body)
    assert [row["tag"] for row in again["listed"]] == [row["tag"] for row in answer["listed"]]
    assert all(row["already"] for row in again["listed"])


NEWER_COLUMNS = (
    "URL handle,Title,Description,Vendor,Type,Status,SKU,Barcode,Option1 name,Option1 value,"
    "Price,Inventory quantity,Product image URL,Variant image URL"
)
NEWER_LINES = """
train,Wooden train,STORY,Colibri,Toys,Active,WT-1,,,,4.50,2,https://cdn.example.org/train.jpg?v=1,
train,,,,,,,,,,,,https://cdn.example.org/train-2.jpg,
ball,Ball,,Colibri,Toys,Active,,4006381333931,Color,Blue,3.00,1,https://cdn.example.org/ball.jpg,
ball,,,,,,,,,Red,3.00,1,,https://cdn.example.org/red.jpg
kite,Kite,,Colibri,Toys,Active,K-1,,,,free,1,,
doll,Doll,,Colibri,Toys,Active,D-1,,,,3.00,1,ftp://example.org/doll.jpg,
"""
NEWER_CSV = NEWER_COLUMNS + NEWER_LINES.replace("STORY", "long " * 500)


async def test_a_shops_export_with_the_names_that_columns_have_by_now_is_listed_with_its_pictures(
    client: Client,
) -> None:
    shop = await registering(client)
    path = f"/sales/{shop.sale}/import-shopify-products?currency=EUR"
    body = {"csv": NEWER_CSV, "categories": {"Toys": "toys"}, "consignor": 17}
    answer = await client.done(path, body)
    shown = [await item(client, row["tag"], answer["position"]) for row in answer["listed"]]
    assert [(each["description"], each["reference"], each["image_source"]) for each in shown] == [
        ("Wooden train", "WT-1", "https://cdn.example.org/train.jpg?v=1"),
        ("Wooden train", "WT-1#2", "https://cdn.example.org/train.jpg?v=1"),
        ("Ball, Blue", "4006381333931", "https://cdn.example.org/ball.jpg"),
        ("Ball, Red", "ball/Red", "https://cdn.example.org/red.jpg"),
    ]
    assert [(error["row"], error["pointer"]) for error in answer["errors"]] == [
        (6, "/rows/4/price"),
        (7, "/rows/5/image_source"),
    ]
    assert [row["image_source"] for row in answer["listed"]] == [each["image_source"] for each in shown]
    moved = {**body, "csv": NEWER_CSV.replace("?v=1", "?v=2")}
    again = (await client.done(path, moved))["listed"]
    assert all(row["already"] for row in again), "a picture may move"
    assert [row["image_source"] for row in again] == [each["image_source"] for each in shown]
    nameless = await client.post(path, {**body, "csv": "Handle,Title,Type\n"})
    assert "price or variant_price" in problem(nameless, 422, "body_invalid")["detail"]


async def test_a_shops_vendors_may_be_consignors(client: Client) -> None:
    shop = await registering(client)
    csv = "Handle,Title,Vendor,Type,Variant Price\nball,Ball,Ada,Toys,2.00\nkite,Kite,Bob,Toys,2.00\n"
    body = {"csv": csv, "categories": {"Toys": "toys"}, "vendors": {"Ada": 18}}
    answer = await client.done(f"/sales/{shop.sale}/import-shopify-products?currency=EUR", body)
    shown = await item(client, answer["listed"][0]["tag"], answer["position"])
    assert (shown["consignor"], shown["brand"], shown["reference"]) == (18, "", "ball")
    assert [error["pointer"] for error in answer["errors"]] == ["/rows/1/vendor"]


async def test_what_was_not_sold_is_copied_to_the_next_sale(client: Client) -> None:
    earlier = await Shop.opened(client)
    await earlier.sold(earlier.tags[0])
    sale, participation = new_id(), new_id()
    await client.done(f"/sales/{sale}/plan", {"name": "Autumn", "settings": SETTINGS})
    await client.done(f"/sales/{sale}/change-phase", {"phase": "registration"})
    await client.done(f"/participations/{participation}/register", {"sale": sale, "number": 5})
    copied = await client.done(
        f"/sales/{sale}/copy-items",
        {"from_sale": earlier.sale, "consignor": 5, "from_consignor": 17, "price": {"rate_ppm": 500_000}},
    )
    assert len(copied["listed"]) == 2
    shown = await item(client, copied["listed"][0]["tag"], copied["position"])
    assert (shown["copied_from"], shown["price_minor"], shown["consignor"]) == (earlier.tags[2], 100, 5)


async def test_drafts_are_completed_together_and_listed_by_consignor(client: Client) -> None:
    shop = await registering(client)
    for description, price_minor in (("Puzzle", 450), ("Ball", None), ("Kite", 200)):
        body = {"consignor": 17, "category": "toys", "description": description, "price_minor": price_minor}
        await client.done(f"/sales/{shop.sale}/drafts/{new_id()}/save", body)
    completed = await client.done(f"/sales/{shop.sale}/complete-drafts", {"consignor": 17})
    assert len(completed["listed"]) == 2
    assert [error["pointer"] for error in completed["errors"]] == ["/drafts/1/price_minor"]
    drafts = (
        await client.get(f"/sales/{shop.sale}/drafts", consignor=17, after_position=completed["position"])
    ).json()["items"]
    assert [draft["description"] for draft in drafts] == ["Ball"]
    gone = await client.done(
        f"/sales/{shop.sale}/discard-drafts", {"consignor": 17, "drafts": [draft["draft"] for draft in drafts]}
    )
    assert len(gone["drafts"]) == 1
