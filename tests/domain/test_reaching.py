"""How far roles reach: cashiers at their own tills, consignors to what is theirs, organizers everywhere and seen so."""

from consign.domain.account import ForgetPerson
from consign.domain.membership import EndMembership
from consign.domain.participation.commands import RegisterConsignor
from consign.domain.rejection import Reason
from consign.domain.sale import ChangeSalePhase, Phase
from consign.domain.session.commands import OpenSession, Scan
from consign.domain.session.drawer_commands import HandOverSession
from consign.domain.settlement.commands import ChangePayoutDetails
from consign.domain.values import AccountId, Actor, Sealed, SessionId
from tests.domain.market import (
    ANNA,
    BASKET,
    CASHIER,
    OLIVE,
    ORGANIZATION,
    SALE,
    SESSION,
    SKIRT,
    live,
    planned,
)
from tests.domain.scenario import given
from tests.domain.team import PETRA, grant

PETRAS = Actor(PETRA, "cashier", "own_session")
CASEYS = Actor(CASHIER, "cashier", "own_session")
OLIVES = Actor(OLIVE, "organizer")
NEW_SESSION = SessionId("01900000-0000-7000-8000-0000000000c9")
SCAN = Scan(SESSION, BASKET, SKIRT)


def test_a_cashier_acts_at_the_own_till_and_at_no_others() -> None:
    log = live()
    given(log).when(SCAN, PETRAS).rejected(Reason.NOT_YOUR_SESSION)
    assert given(log).when(SCAN, CASEYS).on_behalf_of is None


def test_a_cashier_opens_a_session_of_their_own() -> None:
    log = live()
    opening = OpenSession(NEW_SESSION, SALE, "9", PETRA)
    assert given(log).when(opening, PETRAS).answer.till == "9"
    given(log).when(Scan(NEW_SESSION, BASKET, SKIRT), PETRAS).answer  # noqa: B018 - it is accepted


def test_a_session_that_is_handed_over_is_the_next_cashiers_and_no_longer_the_firsts() -> None:
    log = live()
    given(log).when(HandOverSession(SESSION, PETRA), CASEYS).answer  # noqa: B018 - it is accepted
    given(log).when(SCAN, CASEYS).rejected(Reason.NOT_YOUR_SESSION)
    assert given(log).when(SCAN, PETRAS).on_behalf_of is None


def test_an_organizer_at_the_till_of_somebody_else_is_recorded_as_both() -> None:
    assert given(live()).when(SCAN, OLIVES).on_behalf_of == CASHIER


def test_a_role_that_reaches_its_own_account_changes_no_other() -> None:
    log = live()
    log.issue(grant(PETRA, "cashier"))
    mallory = Actor(AccountId("mallory"), "cashier", "own")
    given(log).when(EndMembership(ORGANIZATION, PETRA), mallory).rejected(Reason.UNKNOWN_ACCOUNT)
    given(log).when(ForgetPerson(PETRA), mallory).rejected(Reason.UNKNOWN_ACCOUNT)


def test_a_consignor_changes_payout_details_of_the_own_participation_alone() -> None:
    log = planned()
    log.issue(ChangeSalePhase(SALE, Phase.REGISTRATION))
    log.issue(RegisterConsignor(SALE, ANNA, account=AccountId("anna")))
    change = ChangePayoutDetails(SALE, ANNA, Sealed(ANNA, "AAAA"), iban=True)
    stranger = Actor(AccountId("mallory"), "consignor", "own")
    given(log).when(change, stranger).rejected(Reason.UNKNOWN_PARTICIPATION)
    given(log).when(change, Actor(AccountId("anna"), "consignor", "own")).answer  # noqa: B018 - it is accepted
