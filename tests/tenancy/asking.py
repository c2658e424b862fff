"""A held sale to ask about, and how a service is asked everything."""

from collections.abc import Mapping
from typing import Any

import httpx

from consign.http import examples
from tests.http.matrix.endpoints import Endpoint
from tests.support.settled_shop import sold_out
from tests.support.shop import Client


async def held_sale(client: Client) -> Mapping[str, str]:
    """Hold a sale until it is settled; return ids of what there is in it."""
    settled = await sold_out(client)
    await settled.with_details()
    await settled.freeze()
    prepared = await settled.prepare()
    shop = settled.shop
    ids = {**examples.PATH_IDS, "organization": client.organization, "sale": shop.sale, "session": shop.session}
    ids |= {"tag": shop.tags[0], "participation": settled.participations[17], "stream": f"sale-{shop.sale}"}
    ids |= {"read_model": "sales", "reason": "forbidden", "draft": examples.DRAFT, "count": examples.SALE}
    shown = await client.get(f"/sales/{shop.sale}/settlement", after_position=prepared["position"])
    assert shown.status_code == httpx.codes.OK, shown.text
    return ids


def is_query(endpoint: Endpoint) -> bool:
    """Whether it is asked for something of an organization, and answers to an end."""
    return bool(endpoint.below_organization) and not endpoint.path.endswith("/live")


async def asked(http: httpx.AsyncClient, query: Endpoint, ids: Mapping[str, str], token: str) -> tuple[int, Any]:
    """Return status and content of an answer; of a paper only that there is one, since it says when it was made."""
    response = await http.get(query.url(ids), headers={"Authorization": f"Bearer {token}"})
    if response.headers["content-type"] == "application/pdf":
        return response.status_code, "a paper"
    return response.status_code, response.content
