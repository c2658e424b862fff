"""The commands that look at a log, over a sale that was held: what they say, and how they end."""

import asyncio
import base64
import json
import re
import signal
from pathlib import Path

import asyncpg
import httpx
import pytest
from msgspec.structs import replace

from consign.adapters.postgres.projection_tables import ensure_tables
from consign.cli.place import opened
from consign.client import Client
from consign.projections.projection import Projection
from consign.projections.registry import projection_named
from tests.support.command_line import Serving, consign, started

pytestmark = pytest.mark.slow


def test_verify_finds_everything_in_order_and_says_what_it_compared(service: Serving, directory: Path) -> None:
    verified = consign("verify", "--data-directory", directory)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    for check in ("hash chain", "numbering", "books", "read model items", "public events", "JetStream copy"):
        assert f"{check}: " in verified.stdout


def test_verify_names_the_first_position_that_was_changed_with_superuser_rights(
    service: Serving, directory: Path
) -> None:
    words = ("verify", "-o", "demo", "--no-copy", "--data-directory", directory)
    printed = consign(*words, "--checkpoint")
    assert printed.returncode == 0, printed.stdout + printed.stderr
    (checkpoint,) = [line.split()[1] for line in printed.stdout.splitlines() if line.startswith("  checkpoint ")]
    asyncio.run(change_role(directory, 7, "organizer", "cashier"))
    changed = consign(*words, "--against", checkpoint)
    asyncio.run(change_role(directory, 7, "cashier", "organizer"))
    assert changed.returncode == 1
    assert "the first bad position is 7:" in changed.stdout
    held = consign(*words, "--against", checkpoint)
    assert held.returncode == 0, held.stdout + held.stderr
    assert f"and the checkpoint at {checkpoint.partition(':')[0]}" in held.stdout
    assert consign("verify", "--against", checkpoint, "--data-directory", directory).returncode == 2
    assert consign(*words, "--against", "7").returncode == 2


async def change_role(directory: Path, position: int, before: str, after: str) -> None:
    """Change a row of the log as only a superuser can: whoever else tries is refused by a trigger."""
    async with opened(directory) as place:
        connection = await asyncpg.connect(place.database.administrator)
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            said = await connection.execute(
                "UPDATE consign.events SET role = $3 WHERE organization_id = 'demo' AND position = $1 AND role = $2",
                *(position, before, after),
            )
        await connection.close()
    assert said == "UPDATE 1"


def test_events_are_listed_filtered_and_exported(service: Serving, directory: Path, tmp_path: Path) -> None:
    phases = consign("events", "--data-directory", directory, "--type", "SalePhaseChanged")
    assert [line.split()[2] for line in phases.stdout.splitlines()] == ["SalePhaseChanged"] * 3
    exported = tmp_path / "events.jsonl"
    assert consign("events", "--internal", "--data-directory", directory, "--export", exported).returncode == 0
    rows = [json.loads(line) for line in exported.read_text().splitlines()]
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    listed = [row for row in rows if row["type"] == "item-listed"]
    some = consign("events", "--internal", "--data-directory", directory, "--stream", "ledger", "--to", "60")
    shown = [int(line.split()[0]) for line in some.stdout.splitlines()]
    assert shown == [row["position"] for row in listed if row["position"] <= 60]


def test_who_did_what_is_told_as_a_table_and_as_json_lines(service: Serving, directory: Path) -> None:
    words = ("audit", "--event", "sale-phase-changed", "--data-directory", directory)
    table = consign(*words)
    assert table.returncode == 0, table.stderr
    head, *lines = table.stdout.splitlines()
    assert head.startswith("position  recorded_at  event")
    assert len(lines) == 3
    told = [
        json.loads(line) for line in consign(*words, "--newest", "--rows", "2", "--format", "jsonl").stdout.splitlines()
    ]
    assert [each["position"] for each in told] == [int(line.split()[0]) for line in lines[:0:-1]]
    assert {each["role"] for each in told} == {"organizer"}


def test_an_export_leaves_a_trace_in_the_log_that_is_exported(
    service: Serving, directory: Path, tmp_path: Path
) -> None:
    file = tmp_path / "demo.jsonl"
    words = ("--why", "A move", "--passphrase", "correct horse battery", "--data-directory", directory, file)
    exported = consign("export-organization", "-o", "demo", *words)
    assert (exported.returncode, exported.stderr) == (0, "")
    with file.open() as lines:
        events = [line["event"] for line in map(json.loads, lines) if line["type"] == "event"]
    shown = [json.loads(base64.b64decode(event[18])) for event in events if event[4] == "data-shown"]
    assert [each for each in shown if each["shown"] == "export"] == [
        {
            "type": "data-shown",
            "account": "consign-organizer",
            "shown": "export",
            "about": "organization",
            "because": "A move",
        }
    ]


def test_followed_events_come_as_they_happen_until_the_reader_has_enough(service: Serving, directory: Path) -> None:
    words = ("events", "--follow", "--type", "ItemRefused", "--data-directory", directory)
    with started(*words) as following:
        asyncio.run(refuse_an_item(service))
        assert following.stdout is not None
        assert "ItemRefused" in following.stdout.readline()
        following.send_signal(signal.SIGINT)
        assert following.wait(timeout=30) == 0


async def refuse_an_item(service: Serving) -> None:
    async with Client(service.said("ready"), service.said("token"), "demo") as desk:
        tag = service.tags[2].replace("-", "")
        await desk.command(f"/sales/{service.said('sale')}/items/{tag}/refuse", {"reason": "stained"})


def test_replay_shows_a_stream_and_a_read_model_then_and_what_changed(service: Serving, directory: Path) -> None:
    stream = f"sale-{service.said('sale')}"
    then = json.loads(consign("replay", "--data-directory", directory, stream, "--position", "7").stdout)
    assert then["state"]["phase"] == "registration"
    now = json.loads(consign("replay", "--data-directory", directory, "sales").stdout)
    assert now["tables"]["sales"][0]["phase"] == "live"
    changed = json.loads(consign("replay", "--data-directory", directory, stream, "--diff", "7").stdout)
    assert {"pointer": "/phase", "before": "registration", "after": "live"} in changed["changes"]
    long_ago = consign("replay", "--data-directory", directory, "items", "--at", "2020-01-01T00:00")
    assert json.loads(long_ago.stdout)["tables"] == {"items": [], "drafts": []}


def test_replay_beyond_the_end_is_refused(service: Serving, directory: Path) -> None:
    beyond = consign("replay", "--data-directory", directory, "items", "--position", "1000000")
    assert (beyond.returncode, beyond.stdout) == (1, "")
    assert "the log ends at position" in beyond.stderr


def test_rebuild_finds_the_same_rows_again(service: Serving, directory: Path) -> None:
    rebuilt = consign("rebuild", "items", "books", "-o", "demo", "--data-directory", directory)
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    assert re.search(r"\b3\d\d rows the same as before", rebuilt.stdout), rebuilt.stdout


def test_rebuild_drops_what_an_older_version_left_behind(service: Serving, directory: Path) -> None:
    asyncio.run(make_tables(directory, replace(projection_named("sales"), version=0)))
    rebuilt = consign("rebuild", "items", "-o", "demo", "--data-directory", directory)
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    assert "dropped rm_sales_v0_sales: no organization uses it any more" in rebuilt.stdout
    again = consign("rebuild", "items", "-o", "demo", "--data-directory", directory)
    assert (again.returncode, "dropped" in again.stdout) == (0, False)


async def make_tables(directory: Path, projection: Projection) -> None:
    async with opened(directory) as place:
        connection = await asyncpg.connect(place.database.administrator)
        await ensure_tables(connection, [projection])
        await connection.close()


def test_import_keeps_the_good_rows_and_names_the_bad_ones(service: Serving, directory: Path, tmp_path: Path) -> None:
    rows = tmp_path / "things.csv"
    rows.write_text(
        "consignor,category,description,price\n"
        "1,handbag,A handbag,4.50\n"
        "1,handbag,Too cheap,0.50\n"
        "1,handbag,No price,\n"
        "99,handbag,Nobody's,4.50\n"
    )
    words = ("import", "items", rows, "--sale", service.said("sale"), "--data-directory", directory)
    imported = consign(*words)
    assert imported.returncode == 1
    assert imported.stdout == "1 items imported\n"
    assert [line.split(":")[0].strip() for line in imported.stderr.splitlines()[:3]] == ["row 3", "row 4", "row 5"]


def test_a_shops_export_is_imported_with_what_its_types_are_here(
    service: Serving, directory: Path, tmp_path: Path
) -> None:
    products = tmp_path / "products.csv"
    products.write_text(
        "Handle,Title,Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price\n"
        "sleepsuit,Sleepsuit,Colibri,Baby,Size,62,S-62,2,3.00\n"
        "lamp,Lamp,Colibri,Light,Title,Default Title,L-1,1,9.00\n"
    )
    words = ("import", "shopify", products, "--sale", service.said("sale"), "--data-directory", directory)
    mapped = ("--consignor", "2", "--category", "Baby=sleepsuit", "--lots", "--beyond-quota")
    imported = consign(*words, *mapped)
    assert (imported.returncode, imported.stdout) == (1, "1 items imported\n"), imported.stderr
    assert "row 3: invalid (type): say which category 'Light' is" in imported.stderr
    assert consign(*words, *mapped).stdout == "0 items imported, 1 were there already\n"
    unmapped = consign(*words)
    assert unmapped.returncode == 2
    assert "--category" in unmapped.stderr


def test_an_access_token_is_issued_for_an_account(service: Serving, directory: Path) -> None:
    token = consign("token", "--built-in", "--account", "anna", "--data-directory", directory).stdout.strip()
    answer = httpx.get(
        f"{service.said('ready')}/api/v1/organizations/nobodys/sales", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.json()["reason"] == "unknown_organization", "it is known who asks"
    with_roles = consign("token", "--built-in", "--role", "cashier", "--data-directory", directory)
    assert (with_roles.returncode, with_roles.stdout) == (2, ""), "memberships say the roles"


def test_a_table_of_slots_is_planned_in_the_clock_of_the_sale(
    service: Serving, directory: Path, tmp_path: Path
) -> None:
    slots = tmp_path / "slots.csv"
    slots.write_text(
        "slot,kind,begins,ends,capacity\n"
        "early,drop_off,2026-09-25 16:00,2026-09-25 16:30,4\n"
        "late,drop_off,25.9.2026 17:00,2026-09-25 17:30,4\n"
    )
    words = ("import", "slots", slots, "--sale", service.said("sale"), "--data-directory", directory)
    imported = consign(*words)
    assert (imported.returncode, imported.stdout) == (1, "1 slots planned\n"), imported.stderr
    assert "row 3: invalid (begins)" in imported.stderr
    assert consign(*words).stdout == "0 slots planned, 1 were there already\n"


def test_a_minted_token_is_good_for_its_role_only(service: Serving, directory: Path) -> None:
    token = consign("token", "--role", "cashier", "--data-directory", directory).stdout.strip()
    words = ("--url", service.said("ready"), "--token", token, "--sale", service.said("sale"))
    refused = consign("import", "items", __file__.replace(".py", ".json"), *words)
    assert refused.returncode == 2, "the file is missing"
    listing = consign("events", *words[:4], "--to", "1")
    assert listing.returncode == 1
    assert "forbidden" in listing.stderr


def test_what_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    nothing = consign("verify", "--data-directory", tmp_path / "nothing")
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert (
        nothing.stderr == f"consign: there is no data directory {tmp_path}/nothing; `consign serve --demo` makes one\n"
    )
    nobody = consign("events", "--url", "http://127.0.0.1:9", "--token", "x")
    assert nobody.returncode == 2
    assert "does not answer" in nobody.stderr
    assert consign("no-such-command").returncode == 2
    assert consign("replay", "items", "--at", "yesterday").returncode == 2


def test_help_shows_examples_and_exit_codes() -> None:
    assert "Exit codes" in consign("--help").stdout
    for name in ("serve", "demo", "import", "papers", "events", "replay", "verify", "rebuild", "renew", "token"):
        shown = consign(name, "--help").stdout
        lines = [line.strip() for line in shown.splitlines()]
        assert "Examples:" in lines, f"{name} runs its examples together"
        assert lines[lines.index("Examples:") + 1].startswith("consign "), shown
        assert "\\b" not in shown
