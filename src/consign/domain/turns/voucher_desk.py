"""What is asked about vouchers: which actors each command decides over, and who decides it."""

from datetime import datetime

from consign.domain.decision import Decision
from consign.domain.recorded import StreamName
from consign.domain.session import state as session
from consign.domain.turns import voucher_rests, vouchers
from consign.domain.turns.actors import (
    States,
    ledger_of,
    ledger_stream,
    opened,
    planned,
    sale_stream,
    session_stream,
)
from consign.domain.voucher_commands import (
    BlockVoucher,
    CashOutVoucher,
    ExpireVoucher,
    GrantVoucher,
    SellVoucher,
    TakeVoucherBack,
    UnblockVoucher,
    VoucherCommand,
)


def needs(command: VoucherCommand, states: States) -> tuple[StreamName, ...]:
    """Name the streams to load, by what is loaded already."""
    match command:
        case SellVoucher() | TakeVoucherBack() | CashOutVoucher():
            stream = session_stream(command.session)
            match states.get(stream):
                case session.Open(sale=sale_id):
                    return (stream, ledger_stream(sale_id), sale_stream(sale_id))
                case _:
                    return (stream,)
        case GrantVoucher() | BlockVoucher() | UnblockVoucher():
            return (ledger_stream(command.sale), sale_stream(command.sale))
        case ExpireVoucher():
            return (ledger_stream(command.sale),)


def decide(command: VoucherCommand, states: States, now: datetime) -> Decision:
    match command:
        case SellVoucher():
            here = opened(states, command.session)
            return vouchers.sell(command, here, ledger_of(states, here.sale), planned(states, here.sale), now)
        case TakeVoucherBack():
            here = opened(states, command.session)
            return vouchers.take_back(command, here, ledger_of(states, here.sale), now)
        case CashOutVoucher():
            here = opened(states, command.session)
            return voucher_rests.cash_out(command, here, ledger_of(states, here.sale), planned(states, here.sale), now)
        case BlockVoucher():
            return voucher_rests.block(command, ledger_of(states, command.sale), planned(states, command.sale), now)
        case UnblockVoucher():
            return voucher_rests.unblock(command, ledger_of(states, command.sale), planned(states, command.sale), now)
        case GrantVoucher():
            return vouchers.grant(command, ledger_of(states, command.sale), planned(states, command.sale), now)
        case ExpireVoucher():
            return vouchers.expire(command, ledger_of(states, command.sale), now)
