"""The writer's role sees every organization: every way on which it is used is listed here, and none answers a query."""

import ast
import asyncio
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import httpx

import consign
from consign.service.process import Service
from tests.http.matrix.endpoints import endpoints_of
from tests.support.shop import Client
from tests.tenancy.asking import asked, held_sale, is_query
from tests.tenancy.watched import READER, WRITER, Sent, Watch

SOURCE = Path(consign.__file__).parent

HOLDERS: Mapping[str, set[str]] = {
    "service/process.py": {"PostgresSliceStore", "PostgresVault", "PostgresLog"},
    "service/owning.py": {"PostgresLog", "PostgresHeartbeat", "PostgresTimerStore"},
    "service/keys.py": {"connect"},
    "cli/renew_command.py": {"connect"},
    "cli/rotate_key_command.py": {"connect"},
    "cli/export_organization_command.py": {"connect"},
    "cli/import_organization_command.py": {"connect"},
}
"""Who is given the writer's address, by file. A line more here is a way more below."""

WAYS: Mapping[str, str] = {
    "log.PostgresLog.append": "what the journal appends, of several organizations at once",
    "log.PostgresLog.find_commands": "whether a command was accepted before, asked by its key",
    "log.PostgresLog.adopt": "taking a log over",
    "log.PostgresLog.raise_epoch": "finding out what became of an append",
    "log.PostgresLog.head": "finding out what became of an append; whether the database answers, for readiness",
    "log.PostgresLog.found": "beginning a log",
    "log.PostgresLog.read": "finding out what became of an append",
    "log.PostgresLog.read_stream": "waking an actor",
    "log.PostgresLog.load_snapshot": "waking an actor",
    "log.PostgresLog.save_snapshot": "putting an actor to sleep",
    "ownership.PostgresHeartbeat.join": "owning slices: nothing of an organization",
    "ownership.PostgresHeartbeat.beat": "owning slices: nothing of an organization",
    "ownership.PostgresSliceStore.view": "owning slices: nothing of an organization",
    "ownership.PostgresSliceStore.claim": "owning slices: nothing of an organization",
    "ownership.PostgresSliceStore.release": "owning slices: nothing of an organization",
    "ownership.PostgresSliceStore.release_all": "owning slices: nothing of an organization",
    "ownership.PostgresSliceStore.forget_nodes": "owning slices: nothing of an organization",
    "key_encryption.key_in_use": "which key-encryption key is in use: nothing of an organization",
    "timers.PostgresTimerStore.due": "timers that become commands",
    "timers.PostgresTimerStore.next_due_at": "timers that become commands",
    "timers.PostgresTimerStore.remove": "timers that become commands",
    "vault.PostgresVault.seal": "sealing what a command says of a person",
    "vault.PostgresVault.seal_until": "sealing what goes by itself: what a till sent, the address of an invitation",
    "vault.PostgresVault.forget_ended": "destroying keys whose time is over",
    "vault.PostgresVault.forget_again": "destroying the keys that a restore brought back",
    "vault.PostgresVault.forget": "destroying a person's key",
}

FOR_REQUESTS = {
    "log.PostgresLog.found",
    "vault.PostgresVault.seal",
    "vault.PostgresVault.seal_until",
    "vault.PostgresVault.forget",
}
"""What requests that are commands use by themselves, outside of the engine."""

FOR_READINESS = {"log.PostgresLog.head"}


async def test_the_ways_on_which_the_writers_role_is_used_are_these_and_none_is_a_query(
    watch: Watch, service: Service
) -> None:
    """Hold a sale and settle it, forget a person, then ask everything there is to ask."""
    async with Client(service.url, service.identity) as client:
        ids = await held_sale(client)
        endpoints = await asyncio.to_thread(endpoints_of, service.url)
        token = client.token_of("anna", {client.organization: ("organizer", "auditor", "integrator", "cashier")})
        commands = list(watch.sent)
        watch.sent.clear()
        found = [
            (await asked(client.http, each, ids, token))[0]
            for each in endpoints
            if each.method == "GET" and is_query(each)
        ]
        async with client.http.stream("GET", client.path("/live"), headers=client.headers()) as live:
            assert live.status_code == httpx.codes.OK
        queries = list(watch.sent)
        watch.sent.clear()
        assert (await client.http.get("/ready")).status_code == httpx.codes.OK
        readiness = list(watch.sent)
    assert found.count(httpx.codes.OK) > len(found) / 2
    assert set(ways([*commands, *queries, *readiness], WRITER)) <= WAYS.keys()
    assert set(ways(for_requests(commands), WRITER)) <= FOR_REQUESTS
    assert set(ways(for_requests(queries), WRITER)) == set()
    assert len(list(ways(for_requests(queries), READER))) > len(found)
    assert set(ways(for_requests(readiness), WRITER)) <= FOR_READINESS


def test_whoever_is_given_the_writers_address_is_listed() -> None:
    found = {
        str(file.relative_to(SOURCE)): holders
        for file in sorted(SOURCE.rglob("*.py"))
        if (holders := set(_given_the_writer(ast.parse(file.read_text()))))
    }
    assert found == HOLDERS


def for_requests(sent: Iterable[Sent]) -> Iterator[Sent]:
    """Yield what is sent while a request is being answered, by the task that answers it."""
    return (each for each in sent if any(step.startswith("http.") for step in each.path))


def ways(sent: Iterable[Sent], role: str) -> Iterator[str]:
    """Yield what of the database's adapters was asked for each statement in this role."""
    for each in sent:
        if each.role == role:
            steps = [step for step in each.path if step.startswith("adapters.postgres.")]
            yield steps[-1].removeprefix("adapters.postgres.")


def _given_the_writer(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(ast.unparse(each).endswith("database.writer") for each in given):
                yield node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
