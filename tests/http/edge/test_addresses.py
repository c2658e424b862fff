"""Whose address a request came from: what proxies of ours wrote is believed, and nothing else."""

import pytest

from consign.http.addresses import (
    HOPS_MAX,
    Addresses,
    ForwardedHeader,
    Origin,
    is_this_machine,
    network_of,
    surroundings_of,
)
from consign.http.exchange import Exchange, meta_of
from consign.settings import SettingsInvalidError, settings_from

PROXY = "10.0.0.1"
INNER_PROXY = "10.0.0.2"
CLIENT = "203.0.113.9"
STRANGER = "198.51.100.7"


def origin(
    value: str | None,
    *,
    peer: str = PROXY,
    header: ForwardedHeader = "x-forwarded-for",
    trusted: tuple[str, ...] = ("10.0.0.0/8", "2001:db8::/32"),
    **more: str,
) -> Origin:
    headers = {} if value is None else {header.encode(): value.encode("latin-1")}
    headers.update({name.replace("_", "-").encode(): text.encode() for name, text in more.items()})
    return Addresses(trusted, header).origin(headers, peer)


def test_without_trusted_proxies_the_peer_is_the_client_whatever_it_says() -> None:
    assert origin(CLIENT, peer=STRANGER, trusted=(), x_forwarded_proto="https") == (STRANGER, False)


def test_a_peer_that_is_no_proxy_of_ours_speaks_for_itself_alone() -> None:
    assert origin(CLIENT, peer=STRANGER, x_forwarded_proto="https") == (STRANGER, False)


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (CLIENT, CLIENT),
        (f"{STRANGER}, {CLIENT}", CLIENT),
        (f"{STRANGER}, {CLIENT}, {INNER_PROXY}", CLIENT),
        (f"127.0.0.1, {CLIENT}", CLIENT),
        (f"{CLIENT}:51234", CLIENT),
        ("[2001:470::5]:443", "2001:470::5"),
        ("2001:470::5", "2001:470::5"),
        (f"::ffff:{CLIENT}", CLIENT),
        (f"{INNER_PROXY}, 10.9.9.9", INNER_PROXY),
        (f"{CLIENT}, 2001:db8::7", CLIENT),
        (f"{CLIENT},{'10.0.0.9,' * HOPS_MAX}10.0.0.8", "10.0.0.9"),
    ],
)
def test_the_rightmost_hop_that_is_no_proxy_of_ours_is_the_client(value: str, address: str) -> None:
    assert origin(value).address == address


@pytest.mark.parametrize("value", [None, "", "unknown", "_hidden", "a,,b", "fe80::1%eth0", "\xff", f"{CLIENT}, , "])
def test_where_a_proxy_tells_nothing_that_can_be_read_it_answers_for_it_itself(value: str | None) -> None:
    assert origin(value).address == PROXY


def test_what_stands_left_of_something_unreadable_is_not_believed() -> None:
    assert origin(f"{CLIENT}, unknown, {INNER_PROXY}").address == INNER_PROXY


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (f"for={CLIENT};proto=https;by={PROXY}", (CLIENT, True)),
        (f"for={STRANGER};proto=https, For={CLIENT};Proto=http", (CLIENT, False)),
        ('for="[2001:470::5]:4711";proto=https', ("2001:470::5", True)),
        ("for=_hidden;proto=https", (PROXY, True)),
    ],
)
def test_forwarded_is_read_where_the_proxies_write_that(value: str, found: tuple[str, bool]) -> None:
    assert origin(value, header="forwarded") == found


def test_the_header_that_our_proxies_pass_on_unread_is_not_believed() -> None:
    assert origin(CLIENT, forwarded=f"for={STRANGER};proto=https") == (CLIENT, False)
    forged = origin(f"for={CLIENT}", header="forwarded", x_forwarded_for=STRANGER, x_forwarded_proto="https")
    assert forged == (CLIENT, False)


def test_the_last_proxy_says_whether_the_way_began_with_tls() -> None:
    assert origin(CLIENT, x_forwarded_proto="https").is_secure
    assert not origin(CLIENT, x_forwarded_proto="https, http").is_secure
    assert not origin(CLIENT).is_secure


def test_a_network_of_ipv6_counts_as_one_client() -> None:
    assert network_of("2001:470:1:2::5") == network_of("2001:470:1:2:ffff::1") != network_of("2001:470:1:3::5")
    assert network_of(CLIENT) == CLIENT
    assert network_of("") == ""


def test_this_machine_knows_its_own_addresses() -> None:
    assert all(map(is_this_machine, ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1")))
    assert not any(map(is_this_machine, (CLIENT, "", "localhost")))


def test_proxies_are_named_as_networks_and_never_everybody() -> None:
    named = settings_from({"CONSIGN_TRUSTED_PROXIES": "10.0.0.0/8, 127.0.0.1"})
    assert named.trusted_proxies == ("10.0.0.0/8", "127.0.0.1")
    for wrong in ("proxy.example", "10.0.0.1/8", "0.0.0.0/0", "::/0"):
        with pytest.raises(SettingsInvalidError):
            settings_from({"CONSIGN_TRUSTED_PROXIES": wrong})


def test_of_an_address_only_its_surroundings_are_kept() -> None:
    assert surroundings_of("203.0.113.9") == surroundings_of("::ffff:203.0.113.200") == "203.0.113.0/24"
    assert surroundings_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1::/48"
    assert surroundings_of("") == surroundings_of("a.sock") == ""


def test_beside_an_event_stands_where_it_was_caused_from_and_its_trace() -> None:
    trace = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert meta_of(CLIENT) == Exchange([], CLIENT, Addresses()).meta() == '{"from":"203.0.113.0/24"}'
    traced = Exchange([(b"traceparent", trace)], CLIENT, Addresses()).meta()
    assert traced == f'{{"traceparent":"{trace.decode()}","from":"203.0.113.0/24"}}'
    assert Exchange([(b"traceparent", trace)], "", Addresses()).meta() == f'{{"traceparent":"{trace.decode()}"}}'
    assert Exchange([(b"traceparent", b"gossip")], "", Addresses()).meta() == "{}"
