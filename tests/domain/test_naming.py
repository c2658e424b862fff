"""An organization is called something else: by its organizers, or by another service that keeps it too."""

from datetime import UTC, datetime, timedelta

import pytest

from consign.domain.organization import (
    FollowName,
    OrganizationAnswer,
    OrganizationRenamed,
    RegisterOrganization,
    RenameOrganization,
)
from consign.domain.rejection import Reason
from tests.domain.log import MemoryLog
from tests.domain.market import OLIVE, ORGANIZATION, founded
from tests.domain.scenario import given

NOON = datetime(2026, 9, 26, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)


def renamed(name: str, at: datetime | None = None) -> OrganizationRenamed:
    return OrganizationRenamed(ORGANIZATION, name, at)


def test_it_is_called_what_its_organizers_say_and_the_same_said_again_changes_nothing() -> None:
    log = founded()
    rename = RenameOrganization(ORGANIZATION, "Alpes")
    given(log).when(rename).then(renamed("Alpes")).answered(OrganizationAnswer(ORGANIZATION))
    given(log).when(rename).then()
    given(log).when(RenameOrganization(ORGANIZATION, "ALPE")).then(renamed("ALPE"))


def test_what_another_service_says_is_followed_in_the_order_in_which_it_was_said() -> None:
    log = founded()
    given(log).when(FollowName(ORGANIZATION, "Alpes", LATER)).then(renamed("Alpes", LATER))
    given(log).when(FollowName(ORGANIZATION, "Alpen", NOON)).then()
    given(log).when(FollowName(ORGANIZATION, "Alpen", LATER)).then()


def test_another_services_other_changes_undo_no_name_that_was_given_here() -> None:
    log = founded()
    given(log).when(RenameOrganization(ORGANIZATION, "Ours")).then(renamed("Ours"))
    given(log).when(FollowName(ORGANIZATION, "ALPE", NOON)).then()
    given(log).when(FollowName(ORGANIZATION, "Theirs", LATER)).then(renamed("Theirs", LATER))
    given(log).when(RenameOrganization(ORGANIZATION, "Ours")).then(renamed("Ours"))
    given(log).when(FollowName(ORGANIZATION, "Theirs", LATER + timedelta(days=1))).then()


@pytest.mark.parametrize("before", [None, RegisterOrganization(ORGANIZATION, OLIVE, "ALPE")])
def test_what_is_not_founded_here_has_no_name_to_change(before: RegisterOrganization | None) -> None:
    for command in (RenameOrganization(ORGANIZATION, "Alpes"), FollowName(ORGANIZATION, "Alpes", NOON)):
        log = MemoryLog()
        if before is not None:
            log.issue(before)
        given(log).when(command).rejected(Reason.UNKNOWN_ORGANIZATION, ORGANIZATION)
