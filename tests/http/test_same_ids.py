"""Two organizations in which everything has the same ids and keys: no memory of the service takes one for the other."""

import secrets
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from types import FunctionType, MethodType
from typing import Any, NamedTuple

import httpx
import pytest
from rpds import HashTrieMap

from consign.domain.members import PLATFORM
from consign.http import examples
from consign.service.process import Service
from tests.http.matrix.endpoints import endpoints_of
from tests.papers.reading import texts
from tests.support.eventually import eventually
from tests.support.shop import SETTINGS, Client, new_id
from tests.tenancy.asking import is_query

SALE, SESSION, BASKET, ANNA, DRAFT = (new_id() for _ in range(5))
PAPERS = frozenset(("print-tags", "print-receipt", "print-statement-previews"))
"""All papers are drawn by the same memories of fonts, barcodes and texts; drawing takes long."""
DEPTH_MAX = 60
NOT_KEPT = frozenset(("_connections",))
"""A connection holds its own client's last request until the next one; what is kept for others is looked at."""


class Fair(NamedTuple):
    """An organization that says `word` wherever it says something."""

    client: Client
    word: str
    tags: tuple[str, ...]

    async def text(self, path: str, **headers: str) -> tuple[httpx.Response, str]:
        bearing = {"Authorization": f"Bearer {self.client.token}", **headers}
        response = await self.client.http.get(path, headers=bearing)
        if response.headers["content-type"] == "application/pdf":
            return response, " ".join(texts(response.content))
        return response, response.text


async def held(client: Client, word: str, keys: Iterator[str]) -> Fair:
    """Hold a sale with ids and command keys that another organization has, too."""

    async def done(path: str, body: Any = None) -> dict[str, Any]:
        return await client.done(path, body, key=next(keys))

    assert (await client.found(name=f"{word} fair")).status_code == 200
    settings = {**SETTINGS, "categories": [{"code": "toys", "name": f"{word} toys"}], "place": f"{word} hall"}
    await done(f"/sales/{SALE}/plan", {"name": f"{word} sale", "settings": settings})
    await done(f"/sales/{SALE}/change-phase", {"phase": "registration"})
    profile = {"name": f"Ada {word}", "email": f"ada@{word.lower()}.example.org"}
    await done(f"/participations/{ANNA}/register", {"sale": SALE, "number": 17, "profile": profile})
    rows = [
        {"consignor": 17, "category": "toys", "description": f"{word} bear {index}", "price_minor": 100 + 50 * index}
        for index in range(3)
    ]
    listed = await done(f"/sales/{SALE}/import-items", {"rows": rows})
    tags = tuple(row["tag"] for row in listed["listed"])
    await done(f"/sales/{SALE}/change-phase", {"phase": "drop_off"})
    await done(f"/sales/{SALE}/check-in-items", {"tags": tags})
    await done(f"/sales/{SALE}/change-phase", {"phase": "live"})
    await done(f"/sessions/{SESSION}/open", {"sale": SALE, "till": "K1", "float_minor": 1000})
    scanned = await done(f"/sessions/{SESSION}/baskets/{BASKET}/scan", {"tag": tags[0]})
    tender = {"kind": "cash", "amount_minor": scanned["total_minor"]}
    paid = await done(f"/sessions/{SESSION}/baskets/{BASKET}/pay", {"tenders": [tender]})
    assert paid["receipt"] == "K1-1"
    await done(f"/sessions/{SESSION}/move-cash", {"amount_minor": -100, "reason": f"to the {word} safe"})
    changed = await done("/change-origins", {"origins": [f"https://{word.lower()}.example.org"]})
    await client.http.get(client.path("/sales"), headers=client.headers(Origin="https://shop.example.org"))

    async def is_shown() -> bool:
        paths = ("/items", "/participations", "/sales", "/origins")
        found = [await client.get(path, after_position=changed["position"]) for path in paths]
        return all(each.status_code == httpx.codes.OK for each in found)

    await eventually(is_shown, within_s=60)
    return Fair(client, word, tags)


@pytest.fixture
async def fairs(service: Service) -> AsyncIterator[tuple[Fair, Fair]]:
    keys = [new_id() for _ in range(30)]
    words = [f"{name}{secrets.token_hex(4)}" for name in ("Alder", "Birch")]
    async with Client(service.url, service.identity) as one, Client(service.url, service.identity) as other:
        alder, birch = [await held(client, word, iter(keys)) for client, word in zip((one, other), words, strict=True)]
        assert alder.tags == birch.tags
        yield alder, birch


async def test_organizations_with_the_same_ids_are_told_their_own_things_alone(
    service: Service, fairs: tuple[Fair, Fair]
) -> None:
    said: dict[str, set[str]] = {fair.word: set() for fair in fairs}
    ids = {**examples.PATH_IDS, "sale": SALE, "session": SESSION, "basket": BASKET, "participation": ANNA}
    ids |= {"tag": fairs[0].tags[0], "receipt": "K1-1", "stream": f"sale-{SALE}", "read_model": "items"}
    ids |= {"draft": DRAFT, "count": new_id(), "reason": "forbidden"}
    queries = [each for each in endpoints_of(service.url) if each.method == "GET" and is_query(each)]
    queries = [each for each in queries if each.rule in PAPERS or not each.path.endswith(".pdf")]
    tags: dict[str, str] = {}
    for query in queries:
        for fair, other in (fairs, fairs[::-1], fairs):
            path = query.url({**ids, "organization": fair.client.organization})
            known = {"If-None-Match": tags[path]} if path in tags else {}
            response, text = await fair.text(path, **known)
            assert response.status_code != 304, path
            assert other.word not in text, path
            assert other.client.organization not in text, path
            if fair.word in text:
                said[fair.word].add(query.rule)
            if "ETag" in response.headers:
                theirs = query.url({**ids, "organization": other.client.organization})
                tags[theirs] = response.headers["ETag"]
    for fair in fairs:
        assert {"list-items", "get-item", "get-sale", "get-participation", "print-tags"} <= said[fair.word]


async def test_what_is_kept_in_memory_of_an_organization_is_kept_under_its_name(
    service: Service, fairs: tuple[Fair, Fair]
) -> None:
    """Walk everything that the running service holds: a text of an organization lies where its name leads to.

    The platform knows what the organizations on it are called.
    """
    names = {fair.word: fair.client.organization for fair in fairs}
    words = tuple(names)
    found = dict.fromkeys(words, 0)
    walked: set[str] = set()
    for text, path in _texts(service):
        walked.update(path)
        for word, other in (words, words[::-1]):
            if word in text and not (PLATFORM in path and f"{word} fair" in text):
                found[word] += 1
                way = " ".join(path)
                assert names[word] in way, (way, text)
                assert names[other] not in way, (way, text)
    assert walked >= {"_hosted", "_states", "_rows", "_kept", "_seen", "_known"}
    assert min(found.values()) > len(fairs[0].tags)


def _texts(root: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every text that can be reached, with the keys and names that lead to it."""
    seen: set[int] = set()
    kept: list[object] = []
    waiting: list[tuple[object, tuple[str, ...]]] = [(root, ())]
    while waiting:
        held, path = waiting.pop()
        if isinstance(held, str):
            yield held, path
        elif isinstance(held, bytes):
            yield held.decode("latin-1"), path
        elif id(held) not in seen and len(path) < DEPTH_MAX:
            seen.add(id(held))
            kept.append(held)  # so that no other object gets its id meanwhile
            waiting.extend((part, (*path, step)) for step, part in _parts(held))


def _parts(held: Any) -> Iterator[tuple[str, object]]:
    """Yield what an object holds: containers theirs by key, objects of ours their fields, functions their closures."""
    if isinstance(held, MethodType):
        yield "self", held.__self__
    elif isinstance(held, FunctionType):
        yield from (("closure", cell.cell_contents) for cell in held.__closure__ or ())
    elif isinstance(held, (Mapping, HashTrieMap)):
        for key, part in list(held.items()):
            yield from ((str(key), part), (str(key), key))
    elif isinstance(held, (list, tuple, set, frozenset, deque)):
        yield from (("", part) for part in list(held))
    elif type(held).__module__.startswith(("consign", "uvicorn", "litestar")):
        names = (
            *getattr(held, "__struct_fields__", ()),
            *getattr(held, "__slots__", ()),
            *getattr(held, "__dict__", ()),
        )
        yield from ((name, getattr(held, name)) for name in names if hasattr(held, name) and name not in NOT_KEPT)
