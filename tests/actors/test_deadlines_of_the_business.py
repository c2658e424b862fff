"""What ends by itself after days, with real servers and timers: the owner's clock is days behind, then it is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from consign.actors.ports import TIMER_ACCOUNT, Accepted
from consign.domain.business import CONSIGN
from consign.domain.recorded import StoredEvent
from consign.domain.sale import Phase
from consign.domain.settlement.commands import LeavePayoutUncollected
from consign.domain.till_rules import TillRules
from consign.domain.voucher_commands import GrantVoucher
from consign.domain.vouchers import voucher_code
from tests.domain.log import MemoryLog
from tests.domain.market import ANNA, COAT, DRESS, OLIVE, ORGANIZATION, SALE, SKIRT, live, reach, sold
from tests.domain.settled import close_tills, freeze, number_of, with_policy
from tests.support.cluster import Database
from tests.support.engine import issued
from tests.support.eventually import eventually
from tests.support.owner import Owner, owning

BEHIND = timedelta(days=3)
SETTINGS = replace(with_policy(forfeit_after_days=1), till=TillRules(voucher_validity_days=1))
VOUCHER = voucher_code(7)


class SlowClock:
    """Tells the time of three days ago until it is set."""

    def __init__(self) -> None:
        self.behind = BEHIND

    def __call__(self) -> datetime:
        return datetime.now(UTC) - self.behind


def acted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return every command of a sale that ends with a voucher unused and a payout that nobody fetched."""
    commands: list[Any] = []
    issue = MemoryLog.issue

    def noted(log: MemoryLog, command: Any) -> Any:
        commands.append(command)
        return issue(log, command)

    with monkeypatch.context() as patched:
        patched.setattr(MemoryLog, "issue", noted)
        log = live(SETTINGS)
        sold(log, SKIRT, DRESS, COAT)
        log.issue(GrantVoucher(SALE, VOUCHER, 700, OLIVE, "a long queue"))
        close_tills(log)
        freeze(reach(log, Phase.SETTLEMENT))
        log.issue(LeavePayoutUncollected(SALE, number_of(log, ANNA)))
    return commands


async def happened(owner: Owner, *types: str) -> list[StoredEvent]:
    stored = await owner.log.read(ORGANIZATION, 0, 1_000)
    return [each for each in stored if each.type in types]


async def test_vouchers_run_out_and_what_nobody_fetched_is_given_up_when_their_days_are_over_and_not_before(
    database: Database, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SlowClock()
    ends = ("voucher-expired", "payout-forfeited")
    async with owning(Owner(database.writer_url, nats_url, business=CONSIGN, clock=clock)) as owner:
        await owner.found(ORGANIZATION)
        for command in acted(monkeypatch):
            asked = replace(issued(ORGANIZATION, command), role="organizer")
            assert isinstance(await owner.gateway.submit(asked), Accepted), command
        assert await happened(owner, *ends) == []
        clock.behind = timedelta()

        async def have_ended() -> bool:
            return len(await happened(owner, *ends)) == len(ends)

        await eventually(have_ended)
        found = {each.type: msgspec.json.decode(each.data) for each in await happened(owner, *ends)}
        assert (found["voucher-expired"]["voucher"], found["voucher-expired"]["amount_minor"]) == (VOUCHER, 700)
        assert found["payout-forfeited"]["participation"] == ANNA
        assert {each.account_id for each in await happened(owner, *ends)} == {TIMER_ACCOUNT}
