"""Asking a domain for its challenge leads to the public internet, to the address that was looked at, and no further."""

import asyncio
import socket
from collections.abc import Iterator, Sequence

import pytest

from consign.adapters.domains import http_challenge
from consign.adapters.domains.http_challenge import ANSWER_MAX_BYTES, HttpChallenges, is_public
from consign.identity.domains import ChallengeNotAnswered
from tests.support.challenges import ChallengeServer, Put, challenge_server

DOMAIN = "fair.example.org"
PUBLIC = "93.184.215.14"


@pytest.fixture
def server() -> Iterator[ChallengeServer]:
    with challenge_server() as running:
        yield running


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "::", "::1", "fe80::1", "fc00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::"),
        *("2001:0:7f00:1::", "fe80::1%lo", "2001:db8::1"),
    ],
)
async def test_an_address_that_is_not_public_is_not_asked_nor_any_beside_it(address: str) -> None:
    assert not is_public(address)
    for addresses in ([address], [PUBLIC, address]):
        with pytest.raises(ChallengeNotAnswered, match="not public"):
            await HttpChallenges(resolve=resolving(addresses)).answer(DOMAIN)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_an_address_of_the_public_internet_is_public(address: str) -> None:
    assert is_public(address)


async def test_the_connection_goes_to_the_address_that_was_looked_at(
    server: ChallengeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name leads to a public address first and to this machine a moment later; nobody asks a second time."""
    server.held[DOMAIN] = Put(b"inside")
    looked_up: list[str] = []
    connected: list[str] = []

    async def rebinding(domain: str) -> Sequence[str]:
        looked_up.append(domain)
        return [PUBLIC] if len(looked_up) == 1 else ["127.0.0.1"]

    async def no_way_out(_: object, __: socket.socket, address: tuple[str, int]) -> None:
        connected.append(address[0])
        raise OSError("no way out of here")

    monkeypatch.setattr(type(asyncio.get_running_loop()), "sock_connect", no_way_out)
    with pytest.raises(ChallengeNotAnswered, match="cannot be reached"):
        await HttpChallenges(resolve=rebinding).answer(DOMAIN)
    assert looked_up == [DOMAIN]
    assert set(connected) == {PUBLIC}


async def test_what_stands_there_is_returned_and_no_proxy_is_asked(
    server: ChallengeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.held[DOMAIN] = Put(b"consign-challenge=1")
    assert await HttpChallenges(f"127.0.0.1:{server.port}").answer(DOMAIN) == b"consign-challenge=1"
    assert server.asked == [(DOMAIN, "/.well-known/consign-challenge")]


@pytest.mark.parametrize(
    "put",
    [
        Put(b"x" * (ANSWER_MAX_BYTES + 1)),
        Put(b"", 302, (("Location", "http://127.0.0.1:1/"),)),
        Put(b"", 500),
    ],
)
async def test_too_much_a_redirect_or_an_error_is_no_answer(server: ChallengeServer, put: Put) -> None:
    server.held[DOMAIN] = put
    with pytest.raises(ChallengeNotAnswered):
        await HttpChallenges(f"127.0.0.1:{server.port}").answer(DOMAIN)


async def test_whoever_does_not_answer_is_waited_for_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_challenge, "TIMEOUT_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(ChallengeNotAnswered):
        await HttpChallenges(f"127.0.0.1:{silent.getsockname()[1]}").answer(DOMAIN)


def resolving(addresses: Sequence[str]) -> http_challenge.Resolve:
    async def resolve(_: str) -> Sequence[str]:
        return addresses

    return resolve
