"""One served demo sale for all tests that leave it as live as they found it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import Serving, data_directory, serving


@pytest.fixture(scope="session")
def directory() -> Iterator[Path]:
    with data_directory() as directory:
        yield directory


@pytest.fixture(scope="session")
def service(directory: Path) -> Iterator[Serving]:
    """A service with its demo sale; the commands join it."""
    with serving(directory) as service:
        yield service
