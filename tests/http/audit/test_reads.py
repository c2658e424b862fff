"""Reading that leaves a trace: of whom or what, by whom, and why."""

from typing import Any
from uuid import uuid4

import pytest

from consign.http.access import RULES
from consign.http.audit_reads import TRACES, leaving_traces
from consign.http.audit_records import SHOWN_PER_ACCOUNT_MAX, WINDOW_S, AccessRecords
from consign.http.problems import Refusal
from tests.http.audit.test_refusals import member
from tests.support.gateway import Gateway
from tests.support.settled_shop import Settled, sold_out
from tests.support.shop import Client, problem

WHY = "The bank sent it back"


@pytest.fixture
async def settled(client: Client) -> Settled:
    settled = await sold_out(client)
    await settled.with_details()
    return settled


async def traces(client: Client, account: str) -> list[tuple[str, str, str]]:
    """Return what an account was shown, about what, and why; its own reading of that leaves none by this."""
    told = await client.get(f"/history/streams/account-{account}/events", limit=200)
    assert told.status_code == 200, told.text
    shown = [each["data"] for each in told.json()["items"] if each["event"] == "data-shown"]
    return [(each["shown"], each["about"], each["because"]) for each in shown]


async def test_opening_somebodys_account_number_leaves_a_trace_with_who_and_why(settled: Settled) -> None:
    client, ada = settled.client, settled.participations[17]
    auditor = client.token_of("olaf", {client.organization: ("auditor",)})
    asked = client.path(f"/participations/{ada}/payout-details")
    headers = client.headers(token=auditor, X_Consign_Why=WHY)
    for _ in range(3):
        assert (await client.http.get(asked, headers=headers)).json()["details"]["iban"]
    kept = await traces(client, "olaf")
    assert set(kept) == {("payout-details", ada, WHY)}
    assert len(kept) in (1, 2), "once; an hour may have ended meanwhile"
    problem(await client.get(f"/participations/{uuid4()}/payout-details", token=auditor), 404, "unknown_participation")
    assert await traces(client, "olaf") == kept


async def test_files_for_the_bank_and_histories_leave_traces_and_ones_own_data_do_not(settled: Settled) -> None:
    client = settled.client
    await settled.freeze()
    position = (await settled.prepare())["position"]
    auditor = client.token_of("olaf", {client.organization: ("auditor",)})
    file = settled.path("/payout-batches/B1/file")
    assert (await client.get(file, token=auditor, after_position=position)).status_code == 200
    assert (await client.get(f"/items/{settled.shop.tags[0]}/changes", token=auditor)).status_code == 200
    assert (await client.get("/audit", token=auditor)).status_code == 200
    assert await traces(client, "olaf") == [
        ("payout-file", f"{settled.shop.sale} B1", ""),
        ("history", "item-changes", ""),
        ("audit", "audit", ""),
    ]
    own = client.token_of("ada", {client.organization: ("consignor",)})
    asked = await client.get(f"/participations/{settled.participations[17]}/payout-details", token=own)
    problem(asked, 404, "unknown_participation")
    assert await traces(client, "ada") == []


@pytest.mark.parametrize("why", ["tab\tbed", "x" * 201])
async def test_a_reason_that_cannot_be_kept_is_refused(client: Client, why: str) -> None:
    assert (await client.found()).status_code == 200
    asked = await client.http.get(client.path("/audit"), headers=client.headers(X_Consign_Why=why))
    problem(asked, 400, "parameter_invalid")


async def test_nothing_is_shown_where_the_trace_cannot_be_written() -> None:
    sent: list[Any] = []

    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"DE89"})

    async def send(message: Any) -> None:
        sent.append(message)

    exchange = member("olaf")
    exchange.scope = "all"
    handler = type("Handler", (), {"opt": {"rule": "get-payout-details"}})
    scope: Any = {"state": {"exchange": exchange}, "route_handler": handler, "path_params": {"participation": "p"}}
    traced = leaving_traces(AccessRecords(Gateway(away=True)))(app)
    with pytest.raises(Refusal, match="cannot be reached"):
        await traced(scope, None, send)
    assert sent == []


async def test_nobody_is_shown_without_end_nor_fills_a_log_by_saying_ever_new_reasons() -> None:
    gateway = Gateway()
    records, olaf = AccessRecords(gateway, lambda: 100.0 * WINDOW_S + 600), member("olaf")
    for index in range(SHOWN_PER_ACCOUNT_MAX):
        await records.shown(olaf, "payout-details", "p", f"reason {index}")
    with pytest.raises(Refusal, match="very much") as refused:
        await records.shown(olaf, "payout-details", "p", "one more")
    assert refused.value.headers["Retry-After"] == str(WINDOW_S - 600)
    assert len(gateway.issued) == SHOWN_PER_ACCOUNT_MAX
    await records.shown(olaf, "payout-details", "p", "reason 0")
    await records.shown(member("ada"), "payout-details", "p", "")


def test_every_trace_is_of_an_endpoint_that_there_is() -> None:
    assert set(TRACES) <= set(RULES)


def test_no_way_to_peoples_data_or_account_numbers_is_left_out() -> None:
    told = ("get-personal-data", "get-payout-details", "payout-batch-file", "get-quarantined-bytes")
    assert {rule for rule in RULES if rule.startswith(told)} <= set(TRACES)
    assert {rule for rule in RULES if rule.endswith(("-history", "-difference", "-changes", "-events"))} - {
        "public-events",
        "import-item-changes",
    } <= set(TRACES)
