import msgspec
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from consign.domain.business import CONSIGN
from consign.domain.commission import CommissionRule, CommissionSchedule, RoundingBasis
from consign.domain.money import RoundingMode
from consign.domain.price_rules import Surcharge, TaxRule
from consign.domain.sale import Category
from consign.projections.history import ReadModelHistory, Until, render
from consign.projections.registry import PROJECTIONS
from tests.domain import market
from tests.domain.simulator.offline import OFFLINE_ACTS, OfflineWorld
from tests.domain.simulator.settling import ALL_ACTS, SETTLING_ACTS, SettlingWorld
from tests.domain.simulator.world import World, steps_of
from tests.projections import agreement
from tests.projections.crowd import Crowd
from tests.projections.scenario import SETTINGS, Scenario, live_sale

CONSIGNORS = 4
COMMANDS = 120
CHECK_EVERY = 12

SCHEDULES = {
    basis: CommissionSchedule(
        CommissionRule(200_000, minimum_minor=30, maximum_minor=900),
        by_category={"books": CommissionRule(125_000, fixed_minor=5)},
        by_tier={"helper": CommissionRule(88_750)},
        basis=basis,
        mode=mode,
        tax_rate_ppm=200_000,
    )
    for basis, mode in (
        (RoundingBasis.CONSIGNOR, RoundingMode.HALF_UP),
        (RoundingBasis.LIST, RoundingMode.HALF_EVEN),
        (RoundingBasis.ITEM, RoundingMode.UP),
    )
}


def crowded_sale(seed: int, basis: RoundingBasis, commands: int = COMMANDS) -> Scenario:
    """A sale after a crowd's commands, the read models compared with the states on the way."""
    sale_settings = msgspec.structs.replace(
        SETTINGS,
        commission=SCHEDULES[basis],
        categories=(Category("toys", "Toys"), Category("books", "Books", tax=TaxRule(55_000))),
        tax=TaxRule(88_750, included=False),
        surcharge=Surcharge(15_000, 7, refundable=basis is not RoundingBasis.LIST),
        discount_limits_ppm={"cashier": 250_000},
    )
    scenario = live_sale(settings=sale_settings, consignors=CONSIGNORS)
    crowd = Crowd(scenario, seed, CONSIGNORS)
    for number in range(commands):
        crowd.act()
        if number % CHECK_EVERY == 0:
            agreement.check(scenario)
    agreement.check(scenario)
    return scenario


@pytest.mark.parametrize("basis", SCHEDULES, ids=lambda basis: basis.value)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_read_models_say_what_the_states_say_whatever_the_crowd_does(basis: RoundingBasis, seed: int) -> None:
    note(f"seed {seed}")
    crowded_sale(seed, basis)


def acted_out(seed: int, steps: int) -> Scenario:
    """The read models of a sale that the simulator of the business acted out."""
    world = World(seed)
    world.run(steps_of(seed, steps))
    return told_of(world)


def settled(seed: int, steps: int) -> Scenario:
    """The same of a sale that goes on to be settled and paid out."""
    world = SettlingWorld(seed)
    world.run(steps_of(seed, steps // 3))
    paying = ("prepare", "send", "confirm", "return", "supplement", "adjust", "freeze")
    world.run(steps_of(seed, steps, (*SETTLING_ACTS * 2, *("cash-out", "open") * 6, *paying * 2, *ALL_ACTS)))
    return told_of(world)


def sold_away(seed: int, steps: int) -> Scenario:
    """The same of a sale whose tills went away, sold by themselves and came back."""
    world = OfflineWorld(seed)
    world.run(steps_of(seed, steps, OFFLINE_ACTS))
    world.come_back()
    return told_of(world)


def told_of(world: World) -> Scenario:
    """Tell every read model what happened, command by command."""
    told = Scenario(sale=market.SALE)
    told.states = world.log.states
    for emitted in world.log.events:
        told.recorder.record([emitted])
    return told


@pytest.mark.parametrize("seed", range(6))
def test_read_models_say_what_the_simulators_states_say(seed: int) -> None:
    agreement.check(acted_out(seed, 250))


@pytest.mark.parametrize("seed", range(9))
def test_read_models_say_what_the_states_of_settled_sales_say(seed: int) -> None:
    agreement.check(settled(seed, 400))


@pytest.mark.parametrize("seed", range(9))
def test_read_models_say_what_the_states_of_sales_with_tills_away_say(seed: int) -> None:
    agreement.check(sold_away(seed, 250), tills_went_away=True)


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_read_models_say_what_the_states_of_many_long_sales_say() -> None:
    for seed in range(100):
        agreement.check(acted_out(seed, 1_000))
        crowded_sale(seed, RoundingBasis.CONSIGNOR, 1_000)


def test_a_crowd_does_everything_there_is_to_do() -> None:
    happened = set()
    for seed in range(24):
        happened |= {stored.type for stored in crowded_sale(seed, RoundingBasis.CONSIGNOR, 400).recorder.stored}
    for seed in range(20):
        happened |= {stored.type for stored in settled(seed, 300).recorder.stored}
        happened |= {stored.type for stored in sold_away(seed, 300).recorder.stored}

    handled = frozenset().union(*(projection.handles for projection in PROJECTIONS))
    rare = {"organization-registered", "organization-renamed", "sale-settings-changed", "consignor-profile-changed"}
    rare |= {
        "balance-brought-forward",
        "voucher-expired",
        "consignor-waitlisted",
        "consignor-invited",
        "place-offered",
        "referral-rewarded",
        "person-forgotten",
        "consignor-forgotten",
        "membership-ended",
        "member-invited",
        "member-invitation-closed",
        "domain-added",
        "domain-verified",
        "domain-removed",
        "domain-doubted",
        "domain-trusted",
        "domain-lost",
        "origins-changed",
        "nats-credentials-issued",
        "nats-credentials-revoked",
        "device-invited",
        "device-enrolled",
        "device-renamed",
        "device-revoked",
        "pin-set",
        "pin-taken",
        "api-key-created",
        "api-key-revoked",
    }
    assert handled - happened - rare == set()


def test_folding_the_stored_bytes_again_gives_the_same_rows() -> None:
    scenario = crowded_sale(7, RoundingBasis.CONSIGNOR)

    for projection in PROJECTIONS:
        history = ReadModelHistory(projection, CONSIGN.decode_event, Until())
        history.feed(scenario.recorder.stored)
        assert history.tables() == scenario.model(projection.name).tables


def test_every_row_and_state_can_be_shown_as_json() -> None:
    scenario = crowded_sale(11, RoundingBasis.LIST)

    rows = [
        row for model in scenario.recorder.models.values() for table in model.tables.values() for row in table.values()
    ]
    for value in [*rows, *scenario.states.values()]:
        assert msgspec.json.encode(render(value))


def test_a_read_model_that_lies_is_caught() -> None:
    scenario = crowded_sale(3, RoundingBasis.CONSIGNOR)
    items = scenario.model("items").tables["items"]
    key, row = next((key, row) for key, row in items.items() if row.status == "on_floor")
    items[key] = msgspec.structs.replace(row, status="sold")

    with pytest.raises(AssertionError):
        agreement.check(scenario)
