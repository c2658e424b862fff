"""Acts of people who come, pay, wait and leave, made of whole numbers; and what must hold of places and rewards."""

from datetime import timedelta
from typing import Any, Literal

from msgspec import Struct

from consign.domain.account import ChangeAccountProfile, ForgetPerson
from consign.domain.ledger.commands import CheckInConsignor, ItemRow, ListItems
from consign.domain.participation.commands import (
    AcceptTerms,
    RegisterConsignor,
    ReopenParticipation,
    WithdrawParticipation,
)
from consign.domain.participation.events import ConsignorRegistered, ReferralRewarded
from consign.domain.participation.fee_commands import (
    GiveFeeBack,
    ReceiveFee,
    RecordFeePayment,
    RecordFeeRefund,
    WaiveFee,
    WaiveLateFee,
)
from consign.domain.participation.place_commands import (
    AcceptInvitation,
    AcceptPlace,
    InviteConsignor,
    MoveUp,
    RevokeInvitation,
)
from consign.domain.participation.rules import ParticipationRules, ReferralRules
from consign.domain.participation.state import Ended, FeeStatus, Invited, Registered, Unknown, Waiting
from consign.domain.sale import Planned
from consign.domain.turns.referring import referral_code
from consign.domain.values import AccountId, Actor, ParticipationId, SaleId, Sealed, SessionId
from tests.domain.log import MemoryLog

PAYING = ("fee", "fee", "fee-back", "record-fee", "waive")
MOVING = (
    *("come", "come", "come", "invite", "accept-invitation", "accept-place", "move-up", "go", "go"),
    *("come-back", "accept-terms", "bring", "bring", "check-in-late", "profile", "forget", "days"),
)
ACTS = (*PAYING, *MOVING)
LIMIT = 4
TERMS = "2026-09"
RULES = (
    ParticipationRules(consignors_limit=LIMIT, referral=ReferralRules("commission_points", "first_check_in", 70_000)),
    ParticipationRules(
        consignors_limit=LIMIT,
        offer_duration_s=3_600,
        fee_policy="prepaid",
        fee_due_days=1,
        referral=ReferralRules("fee_waiver"),
    ),
    ParticipationRules(),
)
DESK = Actor(AccountId("olga"), "organizer")
_COMERS = 30


def did(act: str, log: MemoryLog, sale_id: SaleId, session: SessionId, who: int, how: int) -> Struct:
    """Return the command that the act and its numbers stand for."""
    participation = _participation(who + how)
    if act in PAYING:
        return _paying(act, session, participation, how)
    match act:
        case "profile" | "forget":
            return _speaking(act, how)
        case "bring" | "check-in-late":
            return _bringing(act, log, sale_id, how)
        case "accept-place":
            return AcceptPlace(participation, DESK)
        case "move-up":
            return MoveUp(participation) if how % 3 == 0 else RevokeInvitation(participation)
        case "go":
            return WithdrawParticipation(participation, DESK)
        case "come-back":
            return ReopenParticipation(participation)
        case "accept-terms":
            return AcceptTerms(participation, TERMS, DESK)
        case _:
            return _coming(act, log, sale_id, who, how)


def _speaking(act: str, how: int) -> Struct:
    if act == "forget" and how % 9 == 0:
        return ForgetPerson(_account(how))
    return ChangeAccountProfile(_account(how), Sealed("subject", f"sealed {how}"))


def _bringing(act: str, log: MemoryLog, sale_id: SaleId, how: int) -> Struct:
    sale: Planned = log.state(f"sale-{sale_id}")
    latest = max(sale.last_consignor, 1)
    if act == "bring":
        return ListItems(sale_id, (ItemRow(0, latest, "toy", "late", how % 20 * 50 + 100),))
    return CheckInConsignor(sale_id, latest)


def _coming(act: str, log: MemoryLog, sale_id: SaleId, who: int, how: int) -> Struct:
    sale: Planned = log.state(f"sale-{sale_id}")
    participation = _participation(who + how)
    digest = f"{who % 2:064x}"
    match act:
        case "come":
            number = how % max(sale.last_consignor, 1) + 1
            known = sale.consignors.get(number)
            bringing = known is not None and sale.settings.participation.referral is not None and how % 2
            code = referral_code(number, known) if bringing and known is not None else ""
            return RegisterConsignor(sale_id, participation, account=_account(how), referral_code=code)
        case "invite":
            kept = 40 + how % 3 if how % 2 else None
            return InviteConsignor(sale_id, participation, digest, log.now + timedelta(days=1), number=kept)
        case _:
            return AcceptInvitation(sale_id, digest, _account(how))


def _paying(act: str, session: SessionId, participation: ParticipationId, how: int) -> Struct:
    means: Literal["cash", "card"] = "cash" if how % 2 else "card"
    match act:
        case "fee":
            return ReceiveFee(session, participation, means, "organizer", reopen=how % 3 == 0)
        case "fee-back":
            return GiveFeeBack(session, participation, means, "ill")
        case "record-fee":
            if how % 3:
                return RecordFeePayment(participation, "transfer 12", reopen=how % 5 == 0)
            return RecordFeeRefund(participation, "transfer 13", "ill")
        case _:
            return WaiveFee(participation, "helps") if how % 2 else WaiveLateFee(participation, "a flat tyre")


class PlaceWitness:
    """Watches who got a number and who was rewarded: no number twice, nobody rewarded twice for one and the same."""

    def __init__(self) -> None:
        self._numbers: set[int] = set()
        self._rewarded: set[tuple[ParticipationId, ParticipationId]] = set()

    def watch(self, event: Any) -> None:
        match event:
            case ConsignorRegistered(number=number):
                assert number not in self._numbers, f"number {number} was given twice"
                self._numbers.add(number)
            case ReferralRewarded(participation=by, referred=referred):
                assert (by, referred) not in self._rewarded, "one coming was rewarded twice"
                assert by != referred, "somebody was rewarded for bringing themselves"
                self._rewarded.add((by, referred))
            case _:
                pass

    def check(self, log: MemoryLog, sale: Planned) -> None:
        """Raise AssertionError where the sale's places contradict the participations."""
        places = sale.places
        states = [state for stream, state in log.states.items() if stream.startswith("participation-")]
        registered = [state for state in states if isinstance(state, Registered)]
        waiting = {state.turn: state.participation for state in states if isinstance(state, Waiting)}
        offered = {turn: offer.participation for turn, offer in places.offered.items()}
        assert places.taken == len(registered)
        assert {state.number: state.participation for state in registered} == {
            number: sale.consignors[number] for number, standing in places.standing.items() if not standing.ended
        }
        assert waiting == {**dict(places.waiting), **offered}, "somebody waits on no list, or is on it and does not"
        assert set(places.invited.values()) == {each.participation for each in states if isinstance(each, Invited)}
        self._check_accounts(sale, registered, [state for state in states if isinstance(state, Waiting)])
        for state in states:
            if not isinstance(state, Unknown):
                self._check_fee(state)

    def _check_accounts(self, sale: Planned, registered: list[Registered], waiting: list[Waiting]) -> None:
        held = [(each.account, each.participation) for each in registered if each.account is not None]
        held += [(each.asked.account, each.participation) for each in waiting if each.asked.account is not None]
        assert len({account for account, _ in held}) == len(held), "an account takes part twice"
        assert dict(held) == dict(sale.places.accounts)

    def _check_fee(self, state: Registered | Waiting | Invited | Ended) -> None:
        theirs = state.was if isinstance(state, Ended) else state
        if not isinstance(theirs, Registered):
            return
        fee = theirs.fee
        assert fee.paid_minor in (0, fee.agreed_minor), "a fee was paid in part"
        assert fee.charged_minor in (0, fee.agreed_minor)
        if fee.status is FeeStatus.PAID:
            assert fee.paid_minor == fee.charged_minor == fee.agreed_minor
        if fee.status is FeeStatus.DUE and not isinstance(state, Ended):
            assert (fee.charged_minor, fee.paid_minor) == (fee.agreed_minor, 0)


def _participation(index: int) -> ParticipationId:
    # Mostly one of a few, so that more than one thing happens to somebody.
    index = index % 10 if index % 3 else index
    return ParticipationId(f"01900000-0000-7000-8000-0000000000{index % _COMERS + 1:02}")


def _account(index: int) -> AccountId:
    return AccountId(f"account-{index % 40}")
