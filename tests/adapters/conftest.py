"""What the contracts of several stores run over."""

import pytest

from tests.support.cluster import Database


@pytest.fixture(params=["memory", "postgres"])
def identity_url(request: pytest.FixtureRequest) -> str | None:
    """Where what people and machines sign in with is kept in Postgres; None: the same in memory."""
    if request.param == "memory":
        return None
    database: Database = request.getfixturevalue("database")
    return database.identity_url
