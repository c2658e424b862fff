"""What a sale gives for work: the tiers that promised hours give, and until when promises may change."""

from typing import Annotated

from msgspec import Meta, Struct

from consign.domain.values import Code

_HOURS_OF_A_YEAR = 366 * 24

Minutes = Annotated[int, Meta(ge=1, le=100_000)]
Hours = Annotated[int, Meta(ge=0, le=_HOURS_OF_A_YEAR)]


class WorkTier(Struct, frozen=True, gc=False):
    """Whoever promises so many minutes has the tier; work done counts in place of what was promised."""

    minutes: Minutes
    tier: Code


class ShiftRules(Struct, frozen=True, gc=False):
    """What volunteers' work is worth; the highest of `tiers` that their minutes reach is theirs.

    What is promised counts until it is known what was done; then that counts. Whoever falls short of the tier promised
    has the `broken_tier`, or, without one, the tier that their work reaches, else the one they registered with.
    Consignors take shifts until `take_until_hours`, and give them up until `give_up_until_hours`, before these begin;
    staff is not bound by either.
    """

    tiers: Annotated[tuple[WorkTier, ...], Meta(max_length=20)] = ()
    broken_tier: Code | None = None
    take_until_hours: Hours = 0
    give_up_until_hours: Hours = 24


def contradictions(rules: ShiftRules, tiers: frozenset[str]) -> list[tuple[str, str]]:
    """Return what is wrong with the rules: a JSON pointer below them and what is the matter, for each."""
    wrong = []
    for index, each in enumerate(rules.tiers):
        if each.tier not in tiers:
            wrong.append((f"/tiers/{index}/tier", f"there is no tier {each.tier}"))
        if index and each.minutes <= rules.tiers[index - 1].minutes:
            wrong.append((f"/tiers/{index}/minutes", "tiers for work stand in the order of their minutes"))
    if rules.broken_tier is not None and rules.broken_tier not in tiers:
        wrong.append(("/broken_tier", f"there is no tier {rules.broken_tier}"))
    return wrong
