from hypothesis import given
from hypothesis import strategies as st

from consign.domain.commission import (
    NOTHING_SOLD,
    Change,
    CommissionRule,
    CommissionSchedule,
    RoundingBasis,
    after,
    rule_for,
)
from consign.domain.money import RoundingMode
from consign.domain.settlement.statements import SoldItem, Terms, statement
from consign.domain.values import TagCode
from tests.domain.market import ANNA

AMOUNTS = st.integers(0, 10**6)
RULES = st.builds(
    lambda rate, fixed, minimum, extra: CommissionRule(
        rate, fixed, minimum, None if extra is None else (minimum or 0) + extra
    ),
    st.integers(0, 1_000_000),
    st.integers(0, 100),
    st.none() | st.integers(0, 500),
    st.none() | st.integers(0, 5000),
)
CATEGORIES = st.sampled_from(["skirt", "coat", "toy"])
SCHEDULES = st.builds(
    CommissionSchedule,
    RULES,
    st.dictionaries(CATEGORIES, RULES),
    st.dictionaries(st.just("volunteer"), RULES),
    st.sampled_from(list(RoundingBasis)),
    st.sampled_from(list(RoundingMode)),
)
LINES = st.lists(st.tuples(CATEGORIES, AMOUNTS, AMOUNTS, st.integers(1, 3), st.booleans()), max_size=12)


def test_the_first_rule_that_matches_counts() -> None:
    own, tier, category, default = (CommissionRule(rate) for rate in (1, 2, 3, 4))
    schedule = CommissionSchedule(default, {"coat": category}, {"volunteer": tier})
    assert rule_for(schedule, own, "volunteer", "coat") is own
    assert rule_for(schedule, None, "volunteer", "coat") is tier
    assert rule_for(schedule, None, None, "coat") is category
    assert rule_for(schedule, None, None, "toy") is default


def test_commission_is_rounded_once_over_what_a_consignor_sold() -> None:
    schedule = CommissionSchedule(CommissionRule(333_333))
    totals = after(NOTHING_SOLD, schedule, None, None, [Change("toy", None, 100), Change("toy", None, 100)])
    assert totals.commission_minor == 67  # each item alone would be 33


@given(SCHEDULES, st.none() | RULES, st.none() | st.just("volunteer"), LINES)
def test_totals_kept_up_change_by_change_equal_the_settlement_computed_at_once(
    schedule: CommissionSchedule,
    own_rule: CommissionRule | None,
    tier: str | None,
    lines: list[tuple[str, int, int, int, bool]],
) -> None:
    totals = NOTHING_SOLD
    left = []
    for number, (category, price, later, list_number, returned) in enumerate(lines):
        totals = after(totals, schedule, own_rule, tier, [Change(category, None, price, list_number)])
        lowered = min(price, later)
        now = None if returned else lowered
        totals = after(totals, schedule, own_rule, tier, [Change(category, price, now, list_number)])
        if not returned:
            left.append(SoldItem(TagCode(str(number)), category, "", lowered, list_number))
    settled = statement(schedule, Terms(ANNA, 1, 500, tier, own_rule), left)
    assert (totals.gross_minor, totals.count) == (settled.gross_minor, settled.count)
    assert totals.commission_minor == settled.commission_minor
    assert settled.net_minor == settled.gross_minor - settled.commission_minor - 500


@given(SCHEDULES, LINES)
def test_the_order_of_sales_does_not_matter(
    schedule: CommissionSchedule, lines: list[tuple[str, int, int, int, bool]]
) -> None:
    changes = [Change(category, None, price, number) for category, price, _, number, _ in lines]
    forwards = after(NOTHING_SOLD, schedule, None, None, changes)
    assert after(NOTHING_SOLD, schedule, None, None, reversed(changes)) == forwards
    undone = [Change(change.category, change.after_minor, None, change.list_number) for change in changes]
    assert after(forwards, schedule, None, None, undone) == NOTHING_SOLD
