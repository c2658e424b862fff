"""Terms are accepted by version; invitations keep a place for whoever shows the code, once and in time."""

from datetime import timedelta

from msgspec.structs import replace

from consign.domain.ledger.commands import ListItems
from consign.domain.participation.commands import AcceptTerms, ConsignorRow, RegisterConsignors
from consign.domain.participation.events import ConsignorInvited, ConsignorRegistered, ParticipationEnded
from consign.domain.participation.place_commands import (
    AcceptInvitation,
    InvitationAnswer,
    InviteConsignor,
    RevokeInvitation,
)
from consign.domain.participation.state import Registered
from consign.domain.places import ConsignorNumberTaken, InvitationClosed, InvitationOpened, TermsAccepted
from consign.domain.rejection import Reason
from consign.domain.sale import ChangeSaleSettings
from consign.domain.values import Sealed
from tests.domain.log import MemoryLog
from tests.domain.market import SALE, row
from tests.domain.newcomers import (
    CLEO,
    CLEOS,
    DAY_S,
    DESK,
    DORA,
    DORAS,
    EMIL,
    TERMS,
    consignor,
    open_sale,
    register,
    rules,
)
from tests.domain.scenario import given

STRICT = rules(terms_required=True)
TOY = ListItems(SALE, (row(0, 1, "toy", 500),))
DIGEST = "ab" * 32
ADDRESS = Sealed("person-1", "AAAA")


def new_terms(log: MemoryLog, version: str) -> MemoryLog:
    log.issue(ChangeSaleSettings(SALE, replace(log.state(f"sale-{SALE}").settings, terms_version=version)))
    return log


def invite(log: MemoryLog, **more: object) -> InviteConsignor:
    return replace(InviteConsignor(SALE, EMIL, DIGEST, log.now + timedelta(days=1), ADDRESS, 77, "volunteer"), **more)


def test_what_was_accepted_when_is_recorded() -> None:
    log = open_sale(STRICT)
    registered = given(log).when(register(CLEO, terms_version=TERMS))
    registered.then(
        ConsignorNumberTaken(SALE, CLEO, 1, None, TERMS),
        ConsignorRegistered(CLEO, SALE, 1, 500, terms_version=TERMS, terms_accepted_at=log.now),
    )
    assert log.issue(TOY).errors == ()


def test_new_terms_are_asked_for_again_before_anything_is_listed() -> None:
    log = open_sale(STRICT)
    log.issue(register(CLEO, CLEOS, terms_version=TERMS))
    new_terms(log, "2026-10")
    assert [error.reason for error in log.issue(TOY).errors] == [Reason.TERMS_NOT_ACCEPTED]
    log.pass_time(60)
    accept = AcceptTerms(CLEO, "2026-10", consignor(CLEOS))
    given(log).when(accept).then(TermsAccepted(SALE, CLEO, 1, "2026-10", log.now))
    given(log).when(accept).then()
    assert log.issue(TOY).errors == ()


def test_an_import_accepts_on_nobodys_behalf() -> None:
    log = open_sale(STRICT)
    rows = (ConsignorRow(1, CLEO), ConsignorRow(2, DORA, terms_version=TERMS))
    assert len(log.issue(RegisterConsignors(SALE, rows)).registered) == 2
    listed = log.issue(ListItems(SALE, (row(0, 1, "toy", 500), row(1, 2, "toy", 500))))
    assert [(error.row, error.reason) for error in listed.errors] == [(0, Reason.TERMS_NOT_ACCEPTED)]


def test_where_nothing_is_demanded_anybody_lists() -> None:
    log = open_sale(rules())
    log.issue(register(CLEO))
    assert log.issue(TOY).errors == ()


def test_an_invitation_keeps_number_tier_and_place_until_it_is_accepted() -> None:
    log = open_sale(rules(consignors_limit=1))
    command = invite(log)
    given(log).when(command).then(
        InvitationOpened(SALE, EMIL, DIGEST, 77),
        ConsignorInvited(EMIL, SALE, DIGEST, command.expires_at, ADDRESS, 77, "volunteer"),
    ).answered(InvitationAnswer(EMIL, 77, command.expires_at))
    given(log).when(command).then()
    assert log.issue(register(CLEO)).status == "waiting", "the only place is kept"
    log.issue(AcceptInvitation(SALE, DIGEST, DORAS))
    state = log.state(f"participation-{EMIL}")
    assert isinstance(state, Registered)
    assert (state.number, state.tier, state.account) == (77, "volunteer", DORAS)


def test_a_code_opens_one_participation_and_then_nothing_more() -> None:
    log = open_sale(rules())
    log.issue(invite(log))
    log.issue(AcceptInvitation(SALE, DIGEST, CLEOS))
    assert log.events_of(InvitationClosed) == [InvitationClosed(SALE, EMIL, DIGEST, 77)]
    given(log).when(AcceptInvitation(SALE, DIGEST, DORAS)).rejected(Reason.INVITATION_INVALID)


def test_an_invitation_runs_out_and_its_place_goes_to_whoever_is_next() -> None:
    log = open_sale(rules(consignors_limit=1))
    log.issue(invite(log))
    log.issue(register(CLEO))
    log.pass_time(DAY_S)
    given(log).when(AcceptInvitation(SALE, DIGEST, DORAS)).rejected(Reason.INVITATION_INVALID)
    log.fire_due_timers()
    assert log.events_of(ParticipationEnded) == [ParticipationEnded(EMIL, SALE, "invitation_expired")]
    log.fire_due_timers()
    assert isinstance(log.state(f"participation-{CLEO}"), Registered)
    assert log.issue(register(DORA, number=77)).status == "waiting", "its number is free again"


def test_an_invitation_is_taken_back_and_asks_for_terms_like_any_registration() -> None:
    log = open_sale(STRICT)
    log.issue(invite(log))
    accept = AcceptInvitation(SALE, DIGEST, CLEOS)
    given(log).when(accept).rejected(Reason.TERMS_NOT_ACCEPTED)
    log.issue(RevokeInvitation(EMIL))
    given(log).when(RevokeInvitation(EMIL)).then()
    given(log).when(replace(accept, terms_version=TERMS)).rejected(Reason.INVITATION_INVALID)


def test_the_desk_accepts_terms_for_who_stands_before_it() -> None:
    log = open_sale(STRICT)
    log.issue(RegisterConsignors(SALE, (ConsignorRow(1, CLEO),)))
    log.issue(AcceptTerms(CLEO, TERMS, DESK))
    assert log.issue(TOY).errors == ()
