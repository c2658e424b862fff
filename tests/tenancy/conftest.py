"""A whole service whose every connection to Postgres is watched."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from consign.service import running_service
from consign.service.process import Service
from consign.settings import Settings
from tests.support.servers import private_servers
from tests.tenancy.watched import Watch, watch_connections


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return watch_connections(monkeypatch)


@pytest.fixture
async def service(watch: Watch, tmp_path: Path) -> AsyncIterator[Service]:
    assert watch.filtered
    async with private_servers() as servers:
        settings = Settings(
            data_directory=tmp_path,
            port=0,
            log_level="error",
            database_url=servers.postgres_url,
            nats_url=servers.nats_url,
            nats_public_url=servers.nats_public_url,
        )
        async with running_service(settings) as running:
            yield running
