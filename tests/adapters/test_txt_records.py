"""A domain's challenge in the DNS: what a name server says is read whole, in time, and only where it was asked."""

from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from consign.adapters.domains.txt_records import RECORD_MAX_BYTES, RECORDS_MAX, TxtRecords
from consign.identity.domains import ChallengeNotAnswered
from tests.support.name_server import Answer, NameServer, answer_to, name_server, records

DOMAIN = "fair.example.org"
NAME = f"_consign-challenge.{DOMAIN}"
SHORT_S = 0.3


@pytest.fixture(scope="module")
def running() -> Iterator[NameServer]:
    with name_server() as server:
        yield server


@pytest.fixture
def server(running: NameServer) -> NameServer:
    running.texts.clear()
    running.answers.clear()
    running.asked.clear()
    return running


async def test_texts_are_read_whole_however_they_are_cut_and_whatever_stands_beside_them(server: NameServer) -> None:
    server.texts[NAME] = [b"v=spf1 -all", b"consign-challenge=abc", b"x" * 300, b"", bytes(range(256))]
    assert sorted(await TxtRecords(server.address).texts(DOMAIN)) == sorted(server.texts[NAME])


async def test_an_answer_that_is_cut_off_over_udp_is_asked_for_over_tcp(server: NameServer) -> None:
    server.texts[NAME] = [bytes([each]) * 200 for each in range(20)]
    assert sorted(await TxtRecords(server.address).texts(DOMAIN)) == server.texts[NAME]
    assert server.asked == [(NAME, "udp"), (NAME, "tcp")]


@pytest.mark.parametrize("texts", [None, []], ids=["no such name", "no such record"])
async def test_where_there_is_nothing_it_is_said_what_is_missing(server: NameServer, texts: list[bytes] | None) -> None:
    if texts is not None:
        server.texts[NAME] = texts
    with pytest.raises(ChallengeNotAnswered, match=f"{NAME} has no TXT record"):
        await TxtRecords(server.address).texts(DOMAIN)


async def test_more_records_than_anybody_needs_are_not_looked_through(server: NameServer) -> None:
    server.texts[NAME] = [str(each).encode() for each in range(RECORDS_MAX + 1)]
    with pytest.raises(ChallengeNotAnswered, match="more than"):
        await TxtRecords(server.address).texts(DOMAIN)
    server.texts[NAME] = [b"x" * (RECORD_MAX_BYTES + 1), b"y"]
    assert await TxtRecords(server.address).texts(DOMAIN) == [b"y"]


def _of_another_question(query: dns.message.Message) -> dns.message.Message:
    return answer_to(dns.message.make_query("_consign-challenge.evil.example.org", "TXT", id=query.id), [b"evil"])


def _of_another_id(query: dns.message.Message) -> dns.message.Message:
    answer = answer_to(query, [b"evil"])
    answer.id = query.id ^ 1
    return answer


def _of_another_name(query: dns.message.Message) -> dns.message.Message:
    answer = dns.message.make_response(query)
    answer.answer.append(records("_consign-challenge.evil.example.org.", [b"evil"]))
    return answer


def _of_another_kind(query: dns.message.Message) -> dns.message.Message:
    answer = dns.message.make_response(query)
    answer.answer.append(dns.rrset.from_text(f"{NAME}.", 60, "IN", "A", "192.0.2.1"))
    return answer


def _in_circles(query: dns.message.Message) -> dns.message.Message:
    answer = dns.message.make_response(query)
    there, back = f"{NAME}.", "elsewhere.example.org."
    answer.answer = [dns.rrset.from_text(a, 60, "IN", "CNAME", b) for a, b in ((there, back), (back, there))]
    return answer


def _beside_the_answer(query: dns.message.Message) -> dns.message.Message:
    answer = answer_to(query, [])
    answer.additional.append(records(f"{NAME}.", [b"evil"]))
    return answer


def _failing(query: dns.message.Message) -> dns.message.Message:
    answer = answer_to(query, [b"evil"])
    answer.set_rcode(dns.rcode.SERVFAIL)
    return answer


def _asking(query: dns.message.Message) -> dns.message.Message:
    answer = answer_to(query, [b"evil"])
    answer.flags &= ~dns.flags.QR
    return answer


def _never(_: dns.message.Message) -> None:
    return None


@pytest.mark.parametrize(
    "answer",
    [
        *(_of_another_question, _of_another_id, _of_another_name, _of_another_kind, _in_circles, _beside_the_answer),
        *(_failing, _asking, _never),
    ],
)
async def test_what_is_no_answer_to_what_was_asked_says_nothing(server: NameServer, answer: Answer) -> None:
    server.answers[NAME] = answer
    with pytest.raises(ChallengeNotAnswered):
        await TxtRecords(server.address, timeout_s=SHORT_S).texts(DOMAIN)


async def test_an_alias_leads_to_where_the_records_are(server: NameServer) -> None:
    def alias(query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        there = "challenges.example.net."
        answer.answer = [dns.rrset.from_text(f"{NAME}.", 60, "IN", "CNAME", there), records(there, [b"there"])]
        return answer

    server.answers[NAME] = alias
    assert await TxtRecords(server.address).texts(DOMAIN) == [b"there"]


async def test_a_name_that_is_too_long_for_the_dns_and_a_server_that_is_not_there_show_nothing() -> None:
    long = ".".join(["x" * 60] * 4)
    for domain, server in ((long, "127.0.0.1:1"), (DOMAIN, "127.0.0.1:1")):
        with pytest.raises(ChallengeNotAnswered):
            await TxtRecords(server, timeout_s=SHORT_S).texts(domain)
