"""The rows of the engine in this process: append, peers, replay."""

from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from bench import place
from bench.append import commands_and_copy
from bench.effort import Effort
from bench.measure import Round, Row, Skipped, interleaved, ratios, row
from bench.peers.processes import emmett, eventsourcing, installed_emmett
from bench.replay import History
from consign.local.servers import LocalServers

OF_COPY, OF_CURSOR = 0.5, 0.4
TIMES_EVENTSOURCING, TIMES_EMMETT = 30.0, 10.0
PEER_CLIENTS = 50


async def append_rows(servers: LocalServers, effort: Effort) -> list[Row | Skipped]:
    """Durable commands against raw COPY, at each batch size."""
    rows: list[Row | Skipped] = []
    database = await place.database(servers.postgres_url)
    for batch in effort.batches:
        async with commands_and_copy(database.administrator_url, database.writer_url, batch) as (commands, raw):
            contestants: dict[str, Round] = {
                "engine": partial(commands.run, effort.commands),
                "copy": partial(raw.same_tables, effort.commands),
                "bare": partial(raw.bare_table, effort.commands),
            }
            found = await interleaved(effort.rounds, contestants)
        engine, copy, bare = found["engine"], found["copy"], found["bare"]
        rows += [
            row(f"in process, {batch} clients: commands", "1/s", engine),
            row(f"raw COPY, same tables, batches of {batch}", "1/s", copy),
            row(f"in process of raw COPY, {batch}", "ratio", ratios(engine, copy), target=OF_COPY),
            row(f"in process of COPY into a bare table, {batch}", "ratio", ratios(engine, bare)),
        ]
    return rows


async def peer_rows(servers: LocalServers, effort: Effort, build: Path) -> list[Row | Skipped]:
    """The same work on two well-known event stores, round by round beside this engine."""
    skipped = await installed_emmett(build / "emmett")
    async with AsyncExitStack() as stack:
        database = await place.database(servers.postgres_url)
        commands, _ = await stack.enter_async_context(
            commands_and_copy(database.administrator_url, database.writer_url, PEER_CLIENTS)
        )
        contestants: dict[str, Round] = {"engine": lambda: commands.run(effort.commands)}
        python = await stack.enter_async_context(eventsourcing(await place.empty_database(servers.postgres_url)))
        contestants[python.name] = lambda: python.run(effort.peer_commands, PEER_CLIENTS)
        if skipped is None:
            address = await place.empty_database(servers.postgres_url)
            node = await stack.enter_async_context(emmett(build / "emmett", address))
            contestants[node.name] = lambda: node.run(effort.peer_commands, PEER_CLIENTS)
        found = await interleaved(effort.rounds, contestants)
    rows: list[Row | Skipped] = []
    for name, target in (("eventsourcing", TIMES_EVENTSOURCING), ("emmett", TIMES_EMMETT)):
        if name in found:
            rows.append(row(f"{name}, {PEER_CLIENTS} clients", "1/s", found[name]))
            rows.append(
                row(f"this engine against {name}", "times", ratios(found["engine"], found[name]), target=target)
            )
    return rows if skipped is None else [*rows, skipped]


async def replay_rows(servers: LocalServers, effort: Effort) -> list[Row | Skipped]:
    """Reading, decoding and folding a log against a cursor that only reads it."""
    database = await place.database(servers.postgres_url)
    history = await History.written(database.administrator_url, database.writer_url, effort.history_events)
    try:
        found = await interleaved(
            effort.rounds,
            {
                "replay": history.replay,
                "rows": history.cursor_over_rows,
                "bytes": history.cursor_over_bytes,
            },
        )
    finally:
        await history.close()
    return [
        row("replay: read, decode, fold", "events/s", found["replay"]),
        row(
            "replay of a bare cursor over the same rows",
            "ratio",
            ratios(found["replay"], found["rows"]),
            target=OF_CURSOR,
        ),
        row("replay of a bare cursor over the payload alone", "ratio", ratios(found["replay"], found["bytes"])),
    ]
