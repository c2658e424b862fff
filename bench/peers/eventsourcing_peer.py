"""The same work on PyPI's `eventsourcing` over Postgres: a line "commands clients" in, commands per second out."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bench.workload import STREAMS, note


class NoteAggregate(Aggregate):
    """Counts and sums what is noted."""

    def __init__(self) -> None:
        self.total_minor = 0
        self.count = 0

    @event("Noted")
    def noted(self, title: str, reference: str, amount_minor: int) -> None:  # noqa: ARG002 - the event keeps them
        """Note one thing."""
        self.total_minor += amount_minor
        self.count += 1


class Notes(Application[UUID]):
    """Keeps aggregates in memory between commands, as the contestant does."""

    env: ClassVar[dict[str, str]] = {
        "AGGREGATE_CACHE_MAXSIZE": str(STREAMS),
        "AGGREGATE_CACHE_FASTFORWARD": "n",
        "DEEPCOPY_FROM_AGGREGATE_CACHE": "n",
    }

    def begin(self) -> UUID:
        """Create an aggregate."""
        aggregate = NoteAggregate()
        self.save(aggregate)
        return aggregate.id

    def note(self, identity: UUID, number: int) -> None:
        """Decide and append one event."""
        command = note(number)
        aggregate: NoteAggregate = self.repository.get(identity)
        aggregate.noted(title=command.title, reference=command.reference, amount_minor=command.amount_minor)
        self.save(aggregate)


def main() -> None:
    """Serve rounds until standard input ends."""
    address = urlsplit(os.environ["BENCH_DATABASE_URL"])
    settings: dict[str, Any] = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": address.path.removeprefix("/"),
        "POSTGRES_HOST": address.hostname,
        "POSTGRES_PORT": str(address.port),
        "POSTGRES_USER": address.username,
        "POSTGRES_PASSWORD": address.password,
        "POSTGRES_POOL_SIZE": "10",
        "POSTGRES_MAX_OVERFLOW": "50",
    }
    notes = Notes(settings)
    identities = [notes.begin() for _ in range(STREAMS)]
    for line in sys.stdin:
        commands, clients = map(int, line.split())

        def client(number: int, commands: int = commands, clients: int = clients) -> None:
            # Each client has streams of its own: two clients on one aggregate would only fail and try again.
            mine = identities[number::clients]
            for turn in range(commands // clients):
                notes.note(mine[turn % len(mine)], turn)

        started = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(client, range(clients)))
        print((commands // clients) * clients / (time.perf_counter() - started), flush=True)  # noqa: T201
    notes.close()


if __name__ == "__main__":
    main()
