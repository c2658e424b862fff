"""The page under a receipt's link, on a phone, in a real browser."""

from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from consign.service.process import Service
from tests.support.browser import PHONE, chromium, new_page
from tests.support.shop import Shop

pytestmark = pytest.mark.slow


@pytest.fixture
async def link(shop: Shop) -> str:
    paid = await shop.sold(*shop.tags[:3])
    path = f"/sales/{shop.sale}/receipts/{paid['receipt']}/link"
    answer = await shop.client.get(path, after_position=paid["position"])
    url: str = answer.json()["url"]
    return url


def test_a_phone_shows_the_whole_receipt_and_the_code_for_the_till(
    service: Service, link: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with chromium() as browser, new_page(browser) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{service.url}{urlsplit(link).path}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Spring fair")
        expect(page.get_by_text("Toy 2")).to_be_in_viewport()
        expect(page.get_by_text("€4.50")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], "nothing is cut off"
        size = page.get_by_text("Toy 2").evaluate("each => parseFloat(getComputedStyle(each).fontSize)")
        assert size >= 16, "the page is styled by what its policy lets in, and can be read at arm's length"
        shot = tmp_path_factory.mktemp("page") / "receipt.png"
        page.screenshot(path=shot, full_page=True)
        assert [found.text for found in zxingcpp.read_barcodes(Image.open(shot))] == [link]
        assert asked == [page.url], "nothing else is loaded"
        paper = page.request.get(page.get_by_role("link").evaluate("each => each.href"))
        assert (paper.status, paper.headers["content-type"]) == (200, "application/pdf")
