"""People who want to take part in the small sale, and sales that are choosy about them."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from consign.domain.participation.commands import RegisterConsignor
from consign.domain.participation.rules import ParticipationRules
from consign.domain.sale import Phase
from consign.domain.values import AccountId, Actor, ParticipationId
from tests.domain.log import MemoryLog
from tests.domain.market import SALE, SETTINGS, planned, reach

CLEO = ParticipationId("01900000-0000-7000-8000-00000000c1e0")
DORA = ParticipationId("01900000-0000-7000-8000-00000000d04a")
EMIL = ParticipationId("01900000-0000-7000-8000-00000000e111")
CLEOS, DORAS, EMILS = AccountId("cleo"), AccountId("dora"), AccountId("emil")
TERMS = "2026-09"
DAY_S = timedelta(days=1).total_seconds()


def rules(**given: Any) -> ParticipationRules:
    return ParticipationRules(**given)


def open_sale(settled: ParticipationRules, **settings: Any) -> MemoryLog:
    """A sale that takes registrations under these rules, and nobody registered yet."""
    return reach(planned(replace(SETTINGS, participation=settled, terms_version=TERMS, **settings)), Phase.REGISTRATION)


def register(participation: ParticipationId, account: AccountId | None = None, **given: Any) -> RegisterConsignor:
    return RegisterConsignor(SALE, participation, account=account, **given)


def consignor(account: AccountId) -> Actor:
    return Actor(account, "consignor", "own")


DESK = Actor(AccountId("olga"), "organizer")
