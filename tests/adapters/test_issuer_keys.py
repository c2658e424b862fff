"""Another issuer's keys: fetched ahead of need, kept while it is away, asked for again but not too often."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from consign.adapters.oidc.fetching import DOCUMENT_MAX_BYTES
from consign.adapters.oidc.issuer_keys import IssuerKeys, Pace
from consign.adapters.oidc.key_set import KEYS_MAX, KeySetInvalid, key_set
from consign.identity.keys import KeysUnavailable
from tests.support.eventually import eventually
from tests.support.issuer import IssuerDouble, SigningKey, issuer_double

KEYS_PATH = "/.well-known/jwks.json"
DISCOVERY_PATH = "/.well-known/openid-configuration"
SOON = Pace(refreshed_s=0.05, asked_again_s=0.0, retried_s=0.05, round_timeout_s=0.5)


@pytest.fixture
def issuer() -> Iterator[IssuerDouble]:
    with issuer_double() as double:
        yield double


@asynccontextmanager
async def running(keys: IssuerKeys) -> AsyncIterator[IssuerKeys]:
    task = asyncio.create_task(keys.run())
    try:
        yield keys
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def failed(keys: IssuerKeys) -> None:
    before = keys.failures
    await eventually(lambda: keys.failures > before)


async def test_an_issuer_says_itself_where_its_keys_are(issuer: IssuerDouble) -> None:
    async with running(IssuerKeys(issuer.url)) as keys:
        found = await keys.find("first")
    assert found is not None
    assert found.algorithm == "ES256"
    assert issuer.asked == [DISCOVERY_PATH, KEYS_PATH]


async def test_a_known_key_needs_no_waiting(issuer: IssuerDouble) -> None:
    async with running(IssuerKeys(issuer.url)) as keys:
        await keys.find("first")
        issuer.speaks.clear()
        assert keys.known("first") is not None
        assert keys.known("other") is None
        assert keys.known(None) is None


async def test_a_new_key_counts_as_soon_as_somebody_shows_it(issuer: IssuerDouble) -> None:
    async with running(IssuerKeys(issuer.url, pace=Pace(asked_again_s=0.0))) as keys:
        await keys.find("first")
        issuer.keys = [SigningKey("second")]
        assert await keys.find("second") is not None
        assert keys.known("first") is None, "a key that was withdrawn vouches for nothing"


async def test_unknown_keys_do_not_make_it_ask_more_than_once_in_a_while(issuer: IssuerDouble) -> None:
    async with running(IssuerKeys(issuer.url)) as keys:
        await keys.find("first")
        assert await asyncio.gather(*(keys.find(f"guess-{number}") for number in range(100))) == [None] * 100
    assert issuer.asked_for_keys() == 1


async def test_all_that_wait_for_a_key_are_answered_by_one_question(issuer: IssuerDouble) -> None:
    issuer.speaks.clear()
    keys = IssuerKeys(issuer.url)
    async with running(keys):
        waiting = [asyncio.create_task(keys.find("first")) for _ in range(50)]
        await eventually(lambda: bool(issuer.asked))
        issuer.speaks.set()
        assert all(found is not None for found in await asyncio.gather(*waiting))
    assert issuer.asked_for_keys() == 1


async def test_while_the_issuer_is_away_its_keys_stay(issuer: IssuerDouble) -> None:
    async with running(IssuerKeys(issuer.url, pace=SOON)) as keys:
        await keys.find("first")
        issuer.answers[KEYS_PATH] = (500, b"", {})
        await failed(keys)
        assert keys.is_failing
        assert keys.known("first") is not None
        with pytest.raises(KeysUnavailable):
            await keys.find("second")
        del issuer.answers[KEYS_PATH]
        await eventually(lambda: not keys.is_failing)


async def test_keys_do_not_stay_for_ever(issuer: IssuerDouble) -> None:
    clock = [0.0]
    async with running(IssuerKeys(issuer.url, pace=SOON, now_s=lambda: clock[0])) as keys:
        await keys.find("first")
        issuer.answers[KEYS_PATH] = (500, b"", {})
        await failed(keys)
        clock[0] += SOON.kept_s + 1
        assert keys.known("first") is None
        with pytest.raises(KeysUnavailable):
            await keys.find("first")


async def test_an_issuer_that_says_nothing_keeps_nobody_waiting_for_long(issuer: IssuerDouble) -> None:
    issuer.speaks.clear()
    async with running(IssuerKeys(issuer.url, pace=SOON)) as keys:
        with pytest.raises(KeysUnavailable):
            await keys.find("first")


async def test_a_blip_is_got_over_at_once(issuer: IssuerDouble) -> None:
    issuer.answers[DISCOVERY_PATH] = (503, b"", {})
    keys = IssuerKeys(issuer.url)
    async with running(keys):
        await eventually(lambda: bool(issuer.asked))
        del issuer.answers[DISCOVERY_PATH]
        assert await keys.find("first") is not None
    assert keys.failures == 0


@pytest.mark.parametrize(
    ("path", "status", "body", "headers"),
    [
        (KEYS_PATH, 200, b"{}" + b" " * DOCUMENT_MAX_BYTES, {}),
        (KEYS_PATH, 200, b"not JSON", {}),
        (KEYS_PATH, 200, b"[" * 100_000, {}),
        (KEYS_PATH, 200, b'{"keys": []}', {}),
        (KEYS_PATH, 200, b'{"keys": [{"kty": 1, "key_ops": 2, "kid": []}]}', {}),
        (KEYS_PATH, 200, b"\x1f\x8b", {"Content-Encoding": "gzip"}),
        (KEYS_PATH, 302, b"", {"Location": "http://127.0.0.1:1/keys"}),
        (DISCOVERY_PATH, 200, b'{"issuer": "https://somebody.example", "jwks_uri": "https://somebody.example/k"}', {}),
    ],
)
async def test_what_cannot_be_keys_is_not_taken_for_them(
    issuer: IssuerDouble, path: str, status: int, body: bytes, headers: dict[str, str]
) -> None:
    issuer.answers[path] = (status, body, headers)
    async with running(IssuerKeys(issuer.url)) as keys:
        with pytest.raises(KeysUnavailable):
            await keys.find("first")
    assert keys.failures == 1


async def test_an_issuer_cannot_lead_elsewhere(issuer: IssuerDouble) -> None:
    with issuer_double() as elsewhere:
        led = {"issuer": issuer.url, "jwks_uri": f"{elsewhere.url}{KEYS_PATH}"}
        issuer.answers[DISCOVERY_PATH] = (200, json.dumps(led).encode(), {})
        async with running(IssuerKeys(issuer.url)) as keys:
            with pytest.raises(KeysUnavailable):
                await keys.find("first")
        assert elsewhere.asked == []
        named = IssuerKeys(issuer.url, jwks_uri=f"{elsewhere.url}{KEYS_PATH}")
        async with running(named):
            assert await named.find("first") is not None, "but the operator may say where"


def test_only_keys_that_check_tokens_are_taken_from_a_set() -> None:
    good, weak = SigningKey("good", algorithm="RS256"), SigningKey("weak", algorithm="RS256", bits=1024)
    offered: list[dict[str, Any]] = [
        good.jwk,
        weak.jwk,
        {**SigningKey("seals").jwk, "use": "enc"},
        {**SigningKey("signs").jwk, "key_ops": ["sign"]},
        {**SigningKey("other", algorithm="RS256").jwk, "alg": "PS256"},
        {**SigningKey("nowhere").jwk, "x": "AA"},
        {"kid": "secret", "kty": "oct", "k": "c2VjcmV0", "alg": "HS256"},
        {name: value for name, value in SigningKey("").jwk.items() if name != "kid"},
    ]
    found = key_set(json.dumps({"keys": offered}).encode())
    assert {key_id: key.algorithm for key_id, key in found.items()} == {"good": "RS256"}


def test_two_keys_of_one_id_are_refused() -> None:
    with pytest.raises(KeySetInvalid):
        key_set(json.dumps({"keys": [SigningKey("same").jwk, SigningKey("same").jwk]}).encode())


def test_more_keys_than_anybody_has_are_refused() -> None:
    jwk = SigningKey("k").jwk
    many = [{**jwk, "kid": str(number)} for number in range(KEYS_MAX + 1)]
    with pytest.raises(KeySetInvalid):
        key_set(json.dumps({"keys": many}).encode())
