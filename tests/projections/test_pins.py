"""Who has a PIN, as the read model of memberships shows it."""

from consign.domain.membership import EndMembership, GrantRoles
from consign.domain.pins import SetPin, TakePin
from consign.domain.values import AccountId, Sealed
from consign.projections.memberships import PinRow
from tests.projections.recorder import BEGINNING
from tests.projections.scenario import SLUG, Scenario, planned_sale

PETRA = AccountId("petra")
NAME = Sealed("petra", "AAAA")


def holders(scenario: Scenario) -> list[tuple[str, int]]:
    rows: list[PinRow] = scenario.rows("memberships", "pins")
    return [(row.account, row.version) for row in rows]


def test_a_pin_is_shown_until_it_is_taken_or_the_membership_ends() -> None:
    scenario = planned_sale()
    scenario.do(GrantRoles(SLUG, PETRA, ("cashier",)))
    scenario.do(SetPin(PETRA, NAME))
    (row,) = scenario.rows("memberships", "pins")
    assert (row.version, row.name, row.set_at >= BEGINNING) == (1, NAME, True)
    scenario.do(TakePin(PETRA))
    assert holders(scenario) == []
    scenario.do(SetPin(PETRA))
    assert holders(scenario) == [("petra", 3)]
    scenario.do(EndMembership(SLUG, PETRA))
    assert holders(scenario) == []
