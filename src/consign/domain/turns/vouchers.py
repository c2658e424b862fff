"""Vouchers: sold at a till, given as the tender of a refund or for nothing, taken as a tender, and run out.

They live in their sale's ledger: a voucher of another sale or organization is unknown here.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from msgspec.structs import replace

from consign.domain.decision import Decision, Emitted, Timer
from consign.domain.ledger.state import Ledger
from consign.domain.rejection import Reason, Rejected
from consign.domain.sale import Planned
from consign.domain.session.drawer_events import VoucherSaleUndone, VoucherSold
from consign.domain.session.events import Tender, TenderKind
from consign.domain.session.figures import of_kind
from consign.domain.session.state import Open
from consign.domain.turns.actors import REFUNDING, ledger_stream, require_currency, require_phase, session_stream
from consign.domain.turns.drawer import require_cash
from consign.domain.turns.tenders import Tendered, require_given, settle
from consign.domain.values import Done, SaleId, VoucherCode
from consign.domain.voucher_commands import (
    ExpireVoucher,
    GrantVoucher,
    SellVoucher,
    SoldVoucherAnswer,
    TakenBackAnswer,
    TakeVoucherBack,
    VoucherAnswer,
)
from consign.domain.vouchers import (
    Origin,
    Voucher,
    VoucherExpired,
    VoucherIssued,
    VoucherShare,
    VoucherTakenBack,
    read_code,
    shown_code,
)

VOUCHERS_LIMIT = 50_000
"""How many vouchers one sale may issue."""

_SHORTEST_WAIT = timedelta(seconds=1)


def sell(command: SellVoucher, session: Open, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Take money for a voucher: no turnover yet, but owed to whoever brings it."""
    require_phase(sale, REFUNDING, "Selling vouchers")
    require_currency(command.currency, session.currency)
    require_given(command.tenders)
    if any(given.kind is TenderKind.VOUCHER for given in command.tenders):
        raise Rejected(Reason.VOUCHER_INVALID, "A voucher is paid by cash or card, not by another voucher.")
    require_amount(command.amount_minor, sale)
    balance = settle(command.amount_minor, command.tenders, sale.settings.cash_rounding_minor)
    issued, timers = issue(command.voucher, command.amount_minor, ledger, sale, now, "sold")
    sold = VoucherSold(
        session.sale,
        session.session,
        session.till,
        command.voucher,
        command.amount_minor,
        tuple(map(tender, command.tenders)),
        balance.rounding_minor,
        balance.change_minor,
        session.cashier,
    )
    return Decision(
        (
            Emitted(session_stream(session.session), sold),
            Emitted(ledger_stream(sale.sale), replace(issued, session=session.session)),
        ),
        SoldVoucherAnswer(
            command.voucher,
            command.amount_minor,
            balance.rounding_minor,
            balance.change_minor,
            session.currency,
            issued.expires_at,
        ),
        timers,
    )


def take_back(command: TakeVoucherBack, session: Open, ledger: Ledger, now: datetime) -> Decision:
    """Undo the sale of a voucher that nobody used."""
    code, voucher = known(command.voucher, ledger)
    sold = session.vouchers.get(code)
    if sold is None:
        raise Rejected(
            Reason.VOUCHER_USED, f"{shown_code(code)} was not sold in this session, or its sale is undone already."
        )
    if voucher.blocked:
        raise Rejected(Reason.VOUCHER_BLOCKED, f"{shown_code(code)} is blocked. Ask an organizer.")
    if voucher.balance_minor != sold.amount_minor:
        raise Rejected(
            Reason.VOUCHER_USED,
            f"{voucher.balance_minor} minor units are left of {shown_code(code)}: only unused ones are taken back.",
        )
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say why the voucher is taken back.")
    cash_back_minor = of_kind(sold.tenders, TenderKind.CASH) - sold.change_minor
    require_cash(session, cash_back_minor)
    undone = VoucherSaleUndone(
        session.sale,
        session.session,
        session.till,
        code,
        sold.amount_minor,
        sold.tenders,
        sold.rounding_minor,
        sold.change_minor,
        command.reason,
        session.cashier,
    )
    taken = VoucherTakenBack(session.sale, code, sold.amount_minor, session.session, command.reason, now)
    return Decision(
        (Emitted(session_stream(session.session), undone), Emitted(ledger_stream(session.sale), taken)),
        TakenBackAnswer(
            code,
            session.session,
            cash_back_minor,
            of_kind(sold.tenders, TenderKind.CARD),
            session.currency,
        ),
    )


def grant(command: GrantVoucher, ledger: Ledger, sale: Planned, now: datetime) -> Decision:
    """Give a voucher away, for instance to whoever was wronged; the organizer bears it."""
    require_phase(sale, REFUNDING, "Granting vouchers")
    if not command.reason.strip():
        raise Rejected(Reason.REASON_NEEDED, "Say what the voucher is given for.")
    require_amount(command.amount_minor, sale)
    issued, timers = issue(command.voucher, command.amount_minor, ledger, sale, now, "goodwill")
    by = replace(issued, issued_by=command.granted_by, reason=command.reason)
    answer = VoucherAnswer(command.voucher, command.amount_minor, sale.currency, issued.expires_at)
    return Decision((Emitted(ledger_stream(sale.sale), by),), answer, timers)


def expire(command: ExpireVoucher, ledger: Ledger, now: datetime) -> Decision:
    """End a voucher that ran out, or wait on where something was given back to it meanwhile."""
    voucher = ledger.vouchers.get(command.voucher)
    if voucher is None or voucher.expires_at is None or not voucher.balance_minor:
        return Decision((), Done())
    if voucher.expires_at > now:
        return Decision((), Done(), (_timer(command.sale, command.voucher, voucher.expires_at, now),))
    expired = VoucherExpired(command.sale, command.voucher, voucher.balance_minor, now)
    return Decision((Emitted(ledger_stream(command.sale), expired),), Done())


def require_amount(amount_minor: int, sale: Planned) -> None:
    """Raise Rejected with `limit_exceeded` where the sale allows no voucher of so much."""
    maximum_minor = sale.settings.till.voucher_maximum_minor
    if maximum_minor is not None and amount_minor > maximum_minor:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"A voucher is good for at most {maximum_minor} minor units here.")


def issue(
    code: VoucherCode,
    amount_minor: int,
    ledger: Ledger,
    sale: Planned,
    now: datetime,
    origin: Origin,
) -> tuple[VoucherIssued, tuple[Timer, ...]]:
    """Return the event of a new voucher and the timer that ends it, if it ends.

    Raises Rejected with `voucher_exists` or `limit_exceeded`.
    """
    read_code(code)
    if code in ledger.vouchers:
        raise Rejected(Reason.VOUCHER_EXISTS, f"A voucher {shown_code(code)} was issued before. Draw another code.")
    if len(ledger.vouchers) >= VOUCHERS_LIMIT:
        raise Rejected(Reason.LIMIT_EXCEEDED, f"A sale issues at most {VOUCHERS_LIMIT} vouchers.")
    expires_at = _end(sale, now)
    issued = VoucherIssued(sale.sale, code, amount_minor, origin, now, expires_at)
    timers = () if expires_at is None else (_timer(sale.sale, code, expires_at, now),)
    return issued, timers


def redeemed(tenders: Iterable[Tendered], ledger: Ledger, now: datetime) -> tuple[VoucherShare, ...]:
    """Return what a receipt's tenders take from which vouchers.

    Raises Rejected with `voucher_invalid`, `unknown_voucher`, `voucher_expired` or `voucher_too_low`.
    """
    shares: dict[VoucherCode, VoucherShare] = {}
    for given in tenders:
        if given.kind is not TenderKind.VOUCHER:
            continue
        code, voucher = known(given.reference, ledger)
        if code in shares:
            raise Rejected(Reason.VOUCHER_INVALID, f"{shown_code(code)} is named twice: add its amounts up.")
        require_usable(code, voucher, now)
        left_minor = voucher.balance_minor - given.amount_minor
        if left_minor < 0:
            raise Rejected(
                Reason.VOUCHER_TOO_LOW,
                f"{voucher.balance_minor} minor units are left of {shown_code(code)}, not {given.amount_minor}.",
            )
        shares[code] = VoucherShare(code, given.amount_minor, left_minor, voucher.expires_at)
    return tuple(shares.values())


def credited(
    given_back: Iterable[tuple[VoucherCode, int]], ledger: Ledger, sale: Planned, now: datetime
) -> tuple[tuple[VoucherShare, ...], tuple[Timer, ...]]:
    """Return what vouchers are worth after something was given back to them; one that ran out begins anew."""
    shares, timers = [], []
    by_code: dict[VoucherCode, int] = {}
    for code, amount_minor in given_back:
        by_code[code] = by_code.get(code, 0) + amount_minor
    for code, amount_minor in by_code.items():
        voucher = ledger.vouchers[code]
        expires_at = voucher.expires_at
        if expires_at is not None and expires_at <= now:
            expires_at = _end(sale, now)
            if expires_at is not None:
                timers.append(_timer(sale.sale, code, expires_at, now))
        shares.append(VoucherShare(code, amount_minor, voucher.balance_minor + amount_minor, expires_at))
    return tuple(shares), tuple(timers)


def known(typed: str, ledger: Ledger) -> tuple[VoucherCode, Voucher]:
    """Return a voucher of this sale; raises Rejected with `voucher_invalid` or `unknown_voucher`."""
    code = read_code(typed)
    voucher = ledger.vouchers.get(code)
    if voucher is None:
        raise Rejected(Reason.UNKNOWN_VOUCHER, f"This sale issued no voucher {shown_code(code)}.")
    return code, voucher


def require_usable(code: VoucherCode, voucher: Voucher, now: datetime) -> None:
    """Raise Rejected with `voucher_blocked` or `voucher_expired` where nobody gets anything for it now."""
    if voucher.blocked:
        raise Rejected(
            Reason.VOUCHER_BLOCKED, f"{shown_code(code)} is blocked, since it was lost, say. Ask an organizer."
        )
    if voucher.expires_at is not None and voucher.expires_at <= now:
        raise Rejected(
            Reason.VOUCHER_EXPIRED, f"{shown_code(code)} ended on {voucher.expires_at:%Y-%m-%d}. Ask an organizer."
        )


def tender(given: Tendered, tender_id: str = "") -> Tender:
    """Return the tender as it is recorded: a voucher by its code, however it was typed."""
    reference = read_code(given.reference) if given.kind is TenderKind.VOUCHER else given.reference
    return Tender(given.kind, given.amount_minor, reference, tender_id)


def _end(sale: Planned, now: datetime) -> datetime | None:
    days = sale.settings.till.voucher_validity_days
    return None if days is None else now + timedelta(days=days)


def _timer(sale: SaleId, code: VoucherCode, due_at: datetime, now: datetime) -> Timer:
    """Name the timer by when it was set, too: one that fired early by a clock's difference is set anew."""
    due_at = max(due_at, now + _SHORTEST_WAIT)
    name = f"voucher {code} {due_at.isoformat()} {now.isoformat()}"
    return Timer(uuid5(UUID(sale), name), due_at, ExpireVoucher(sale, code))
