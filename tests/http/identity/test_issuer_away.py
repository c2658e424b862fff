"""An issuer that is away, comes and goes: over a process of the service and real sockets."""

import json
from collections.abc import Iterator, Mapping

import httpx
import pytest

from consign.http.identity.development import DevelopmentIdentity
from tests.e2e.service_process import TOKEN_KEY, site
from tests.http.identity.asking import asked, believed, refused
from tests.support.cluster import Database
from tests.support.eventually import eventually
from tests.support.issuer import AUDIENCE, IssuerDouble, SigningKey, issuer_double
from tests.support.shop import Client, problem

KEYS_PATH = "/.well-known/jwks.json"
AWAY: tuple[int, bytes, Mapping[str, str]] = (500, b"", {})

pytestmark = [pytest.mark.slow, pytest.mark.fault]


@pytest.fixture
def issuer() -> Iterator[IssuerDouble]:
    with issuer_double() as double:
        yield double


async def test_tokens_are_checked_while_their_issuer_comes_and_goes(
    database: Database, nats_urls: tuple[str, str], issuer: IssuerDouble
) -> None:
    issuer.answers[KEYS_PATH] = AWAY
    issuers = json.dumps([{"issuer": issuer.url, "kind": "oidc", "audience": AUDIENCE}])
    async with site(database, *nats_urls) as running:
        process = await running.started(issuers=issuers)
        async with Client(process.url, DevelopmentIdentity(TOKEN_KEY.encode())) as client:
            assert (await parts(client))["issuers"] == f"degraded: no keys from {issuer.url}"
            unknown = await asked(client, issuer.token())
            assert problem(unknown, 503, "issuer_unavailable")["retryable"]
            assert int(unknown.headers["Retry-After"]) >= 1
            assert (await client.found()).status_code == httpx.codes.OK, "whoever shows another token is served"

            del issuer.answers[KEYS_PATH]
            await eventually(lambda: is_known(client, issuer.token()), within_s=30)
            assert (await parts(client))["issuers"] == "ok"

            issuer.answers[KEYS_PATH] = AWAY
            await believed(client, issuer.token(issuer.claims(sub="user-2")))
            await refused(client, issuer.token(key=SigningKey("next")))


async def parts(client: Client) -> dict[str, str]:
    response = await client.http.get("/ready")
    assert response.status_code == httpx.codes.OK
    found: dict[str, str] = response.json()["parts"]
    return found


async def is_known(client: Client, token: str) -> bool:
    response = await asked(client, token, "nobodys")
    assert response.status_code in (httpx.codes.NOT_FOUND, httpx.codes.SERVICE_UNAVAILABLE), response.text
    return response.status_code == httpx.codes.NOT_FOUND
