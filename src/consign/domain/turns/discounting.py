"""What is taken off prices by hand: off a line or a basket, with a reason and a role."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from consign.domain.amounts import goods_minor
from consign.domain.decision import Decision, Emitted
from consign.domain.money import PARTS_PER_MILLION, RoundingMode, share_ppm
from consign.domain.price_rules import reduced_minor
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned, SaleSettings
from consign.domain.session.events import BasketDiscount, BasketDiscounted, BasketLine, Discount, LineDiscounted
from consign.domain.session.price_commands import DiscountBasket, DiscountLine, GivenDiscount, OverridePrice
from consign.domain.session.state import Basket, Open
from consign.domain.session.totals import basket_discount_minor, basket_discount_shares
from consign.domain.turns.actors import session_stream
from consign.domain.turns.basket import answer_of, basket_of, line_named, require_open
from consign.domain.turns.presale import require_selling
from consign.domain.values import Role


def discount_line(command: DiscountLine, session: Open, sale: Planned, now: datetime) -> Decision:
    """Take something off one line; what was taken off it by hand before is replaced."""
    basket, line = _open_line(command, session, sale, now)
    base_minor = goods_minor(_without_hand(line))
    _require_within(command.discount, base_minor, command.role, sale.settings)
    amount_minor = command.discount.amount_minor
    if command.discount.rate_ppm:
        step_minor = sale.settings.discount_step_minor
        amount_minor = base_minor - reduced_minor(base_minor, command.discount.rate_ppm, step_minor)
    given = Discount(
        "line",
        amount_minor,
        "organizer",
        reason=command.reason,
        authorized_by=command.authorized_by,
        role=command.role,
        **_approval_of(command),
    )
    return _discounted(command, session, sale, basket, line, given)


def override_price(command: OverridePrice, session: Open, sale: Planned, now: datetime) -> Decision:
    """Sell a line for less than it costs; the organizer bears the difference."""
    basket, line = _open_line(command, session, sale, now)
    base_minor = goods_minor(_without_hand(line))
    if command.price_minor > base_minor:
        raise Rejected(
            Reason.PRICE_NOT_LOWER,
            f"This line costs {base_minor} minor units: a price is only lowered, not raised to {command.price_minor}.",
        )
    if command.role != "organizer":
        raise Rejected(Reason.DISCOUNT_NEEDS_ROLE, "An organizer sets a price by hand, or approves it by PIN.")
    given = Discount(
        "override",
        base_minor - command.price_minor,
        "organizer",
        reason=command.reason,
        authorized_by=command.authorized_by,
        role=command.role,
        **_approval_of(command),
    )
    return _discounted(command, session, sale, basket, line, given)


def discount_basket(command: DiscountBasket, session: Open, sale: Planned, now: datetime) -> Decision:
    """Take something off all that is in the basket when it is paid; an earlier basket discount is replaced."""
    basket = _open_basket(command, session, sale, now)
    given = command.discount
    discount = None
    if given.amount_minor or given.rate_ppm:
        _require_reason(command.reason)
        discount = BasketDiscount(
            given.amount_minor,
            given.rate_ppm,
            command.reason,
            command.role,
            command.authorized_by,
            **_approval_of(command),
        )
        require_basket_discount(basket.lines, discount, sale.settings)
    changed = replace(basket, discount=discount)
    answer = answer_of(command.basket, changed, sale)
    if discount == basket.discount:
        return Decision((), answer)
    event = BasketDiscounted(session.sale, command.basket, discount)
    return Decision((Emitted(session_stream(session.session), event),), answer)


def require_basket_discount(
    lines: tuple[BasketLine, ...], discount: BasketDiscount | None, settings: SaleSettings
) -> None:
    """Raise Rejected when the discount is more than its role may take off these lines: some may have gone since."""
    if discount is None:
        return
    given = GivenDiscount(discount.amount_minor, discount.rate_ppm)
    base_minor = sum(goods_minor(line) for line in lines)
    _require_within(given, base_minor, discount.role, settings)
    _require_within_in_sum(lines, discount, discount.role, settings)


def _require_within_in_sum(
    lines: tuple[BasketLine, ...], discount: BasketDiscount | None, role: Role, settings: SaleSettings
) -> None:
    """Raise Rejected when discounts that a role may give each are together more than it may take off.

    That is of the basket, and of each line with its share of what is taken off the basket.
    """
    limit_ppm = settings.discount_limit_ppm(role)
    by_line = [sum(each.amount_minor for each in line.discounts if each.role == role) for line in lines]
    off_minor = sum(by_line)
    if discount is not None and discount.role == role:
        off_minor += basket_discount_minor(discount, sum(goods_minor(line) for line in lines))
        _require_within_with_shares(lines, by_line, discount, settings)
    bases = [goods_minor(_without_hand(line)) for line in lines]
    by_line_minor = sum(_most_off_line(base_minor, limit_ppm, settings.discount_step_minor) for base_minor in bases)
    allowed_minor = max(by_line_minor, share_ppm(sum(bases), limit_ppm, RoundingMode.HALF_UP))
    if off_minor > allowed_minor:
        raise Rejected(
            Reason.DISCOUNT_NEEDS_ROLE,
            f"As {role} you may take {allowed_minor} minor units off this basket by hand, in all; this would be "
            f"{off_minor}. Have an organizer approve more by PIN.",
        )


def _require_within_with_shares(
    lines: tuple[BasketLine, ...], by_line: Sequence[int], discount: BasketDiscount, settings: SaleSettings
) -> None:
    """Raise Rejected when a line is reduced by more than the role may; splitting may add less than a minor unit."""
    limit_ppm = settings.discount_limit_ppm(discount.role)
    for line, own_minor, share_minor in zip(lines, by_line, basket_discount_shares(lines, discount), strict=True):
        off_minor, base_minor = own_minor + share_minor, goods_minor(_without_hand(line))
        beyond = (off_minor - 1) * PARTS_PER_MILLION >= base_minor * limit_ppm
        if own_minor and beyond and off_minor > _most_off_line(base_minor, limit_ppm, settings.discount_step_minor):
            raise Rejected(
                Reason.DISCOUNT_NEEDS_ROLE,
                f"As {discount.role} you may take {limit_ppm} parts per million off a line by hand, its share of the "
                f"basket's discount included: {off_minor} minor units are too much of {base_minor}. Ask an organizer.",
            )


def _most_off_line(base_minor: int, limit_ppm: int, step_minor: int) -> int:
    """Return what may be taken off one line: as an amount, or as a rate that rounds to more."""
    by_rate_minor = base_minor - reduced_minor(base_minor, limit_ppm, step_minor)
    return max(base_minor * limit_ppm // PARTS_PER_MILLION, by_rate_minor)


type _ByHand = DiscountLine | OverridePrice


def _approval_of(command: _ByHand | DiscountBasket) -> dict[str, Any]:
    """Return the fields of a discount that say who approved it."""
    approval = command.approval
    return {} if approval is None else {"approved_by": approval.by, "pin_version": approval.pin_version}


def _open_basket(command: _ByHand | DiscountBasket, session: Open, sale: Planned, now: datetime) -> Basket:
    basket = basket_of(session, command.basket)
    require_selling(sale, basket.presale_group, now)
    require_open(basket)
    return basket


def _open_line(command: _ByHand, session: Open, sale: Planned, now: datetime) -> tuple[Basket, BasketLine]:
    basket = _open_basket(command, session, sale, now)
    return basket, line_named(basket, command.tag)


def _without_hand(line: BasketLine) -> BasketLine:
    """Return the line as it was priced at its scan."""
    kept = tuple(discount for discount in line.discounts if discount.kind == "window")
    off_minor = sum(discount.amount_minor for discount in kept if discount.borne_by == "organizer")
    return replace(line, discount_minor=off_minor, discounts=kept)


def _discounted(
    command: _ByHand, session: Open, sale: Planned, basket: Basket, line: BasketLine, given: Discount
) -> Decision:
    changed = _without_hand(line)
    if given.amount_minor:
        _require_reason(given.reason)
        changed = replace(
            changed,
            discount_minor=changed.discount_minor + given.amount_minor,
            discounts=(*changed.discounts, given),
        )
    lines = tuple(changed if other.tag == line.tag else other for other in basket.lines)
    if given.amount_minor:
        _require_within_in_sum(lines, basket.discount, command.role, sale.settings)
    answer = answer_of(command.basket, replace(basket, lines=lines), sale)
    if changed == line:
        return Decision((), answer)
    event = LineDiscounted(session.sale, command.basket, changed)
    return Decision((Emitted(session_stream(session.session), event),), answer)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why something is taken off the price.")


def _require_within(given: GivenDiscount, base_minor: int, role: Role, settings: SaleSettings) -> None:
    """Raise Rejected unless this may be taken off goods that cost `base_minor`; a rate is allowed however it rounds."""
    if given.amount_minor and given.rate_ppm:
        raise Rejected(Reason.DISCOUNT_INVALID, "A discount is an amount or a rate, not both.")
    if given.amount_minor > base_minor:
        raise Rejected(
            Reason.DISCOUNT_TOO_HIGH, f"{given.amount_minor} minor units cannot be taken off {base_minor}. Lower it."
        )
    limit_ppm = settings.discount_limit_ppm(role)
    if given.rate_ppm > limit_ppm or given.amount_minor * PARTS_PER_MILLION > base_minor * limit_ppm:
        raise Rejected(
            Reason.DISCOUNT_NEEDS_ROLE,
            f"As {role} you may take off {limit_ppm} parts per million by hand. Have an organizer approve more by PIN.",
        )
