"""A front of the same installation that stands behind a proxy and lets little through."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from consign.http.rate_limits import RateLimit, RateLimits
from consign.service.process import Service
from tests.http.conftest import ServiceThread

ACCOUNT_BURST = 6
ORGANIZATION_BURST = 9
ADDRESS_BURST = 20
NEVER_AGAIN = 0.001
LIMITS = RateLimits(
    queries_per_account=RateLimit(NEVER_AGAIN, ACCOUNT_BURST),
    queries_per_organization=RateLimit(NEVER_AGAIN, ORGANIZATION_BURST),
    queries_per_address=RateLimit(NEVER_AGAIN, ADDRESS_BURST),
)


@pytest.fixture(scope="session")
def front(service: Service) -> Iterator[Service]:
    settings = replace(service.settings, role="front", rate_limits=LIMITS, trusted_proxies=("127.0.0.1",))
    thread = ServiceThread(settings)
    yield thread.start()
    thread.stop()
