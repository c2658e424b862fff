"""Keys for programs: each id once, so many at a time, and none that has expired before it begins."""

from msgspec.structs import replace

from consign.domain.api_keys import KEYS_EVER_LIMIT, KEYS_LIMIT, ApiKeyCreated, ApiKeyId, ApiKeyRevoked
from consign.domain.rejection import Reason
from tests.domain.equipment import CREATE, IN_TEN_MINUTES, KEY, REVOKE_KEY
from tests.domain.log import OPENING
from tests.domain.market import founded
from tests.domain.scenario import given


def test_a_key_is_made_and_revoked_and_revoking_again_changes_nothing() -> None:
    log = founded()
    given(log).when(replace(CREATE, only=("live", "catalogue", "live"))).then(
        ApiKeyCreated(KEY, "Shop on the web", ("catalogue", "live"), IN_TEN_MINUTES)
    )
    given(log).when(REVOKE_KEY).then(ApiKeyRevoked(KEY))
    given(log).when(REVOKE_KEY).then()


def test_a_key_expires_in_time_to_come() -> None:
    given(founded()).when(replace(CREATE, expires_at=OPENING)).rejected(Reason.TIMES_INVALID)


def test_an_organization_has_so_many_keys_at_once_and_so_many_ever() -> None:
    log = founded()
    for number in range(KEYS_EVER_LIMIT):
        key = ApiKeyId(f"01900000-0000-7000-8000-{number:012d}")
        log.issue(replace(CREATE, key=key))
        if number == KEYS_LIMIT - 1:
            given(log).when(CREATE).rejected(Reason.LIMIT_EXCEEDED, str(KEYS_LIMIT))
        if number < KEYS_EVER_LIMIT - 1:
            log.issue(replace(REVOKE_KEY, key=key)) if number >= KEYS_LIMIT - 1 else None
    for number in range(KEYS_LIMIT - 1):
        log.issue(replace(REVOKE_KEY, key=ApiKeyId(f"01900000-0000-7000-8000-{number:012d}")))
    given(log).when(CREATE).rejected(Reason.LIMIT_EXCEEDED, str(KEYS_EVER_LIMIT))
