"""Secrets come from files or the environment, and are seen nowhere again: each is a canary that is looked for."""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from consign.local.servers import LocalServers
from consign.settings import FILE_MAX_CHARACTERS, SettingsInvalidError, settings_from
from tests.support.eventually import eventually

START_LIMIT_S = 60.0
SERVE = (
    "from consign.service import serve; from consign.settings import settings_from;"
    "serve(settings_from(), lambda service: print(service.url, flush=True))"
)
COMMAND = "from consign.cli import main; main()"
WEBHOOK_SECRET = "whsec_" + secrets.token_hex(16)
ISSUERS = json.dumps(
    [
        {
            "issuer": "http://127.0.0.1:1",
            "kind": "clerk",
            "azp": ["https://a.example"],
            "webhook_secrets": [WEBHOOK_SECRET],
        }
    ]
)


def environment(**given: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONSIGN_")}
    return {**kept, "PYTHONUNBUFFERED": "1", **{f"CONSIGN_{name}": value for name, value in given.items()}}


def command_lines() -> str:
    """Return the command lines of every process there is, as anybody on the machine can read them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().decode(errors="replace"))
        except OSError:
            continue  # it has ended meanwhile
    return "\n".join(found)


def test_a_setting_may_be_held_by_a_file(tmp_path: Path) -> None:
    key, issuers = tmp_path / "key", tmp_path / "issuers"
    key.write_text("a key of at least thirty-two characters\n")
    issuers.write_text(ISSUERS)
    settings = settings_from({"CONSIGN_TOKEN_KEY_FILE": str(key), "CONSIGN_ISSUERS_FILE": str(issuers)})
    assert settings.token_key == "a key of at least thirty-two characters"
    assert settings.issuers[0].webhook_secrets == (WEBHOOK_SECRET,)


def test_a_file_that_cannot_be_it_is_refused_and_not_told_of(tmp_path: Path) -> None:
    large, binary, canary = tmp_path / "large", tmp_path / "binary", secrets.token_hex(8)
    large.write_text(canary * FILE_MAX_CHARACTERS)
    binary.write_bytes(b"\xff\xfe" + canary.encode())
    for path in (large, binary, tmp_path, tmp_path / "missing"):
        with pytest.raises(SettingsInvalidError, match="CONSIGN_TOKEN_KEY_FILE") as raised:
            settings_from({"CONSIGN_TOKEN_KEY_FILE": str(path)})
        assert canary not in str(raised.value)
    with pytest.raises(SettingsInvalidError, match="not both"):
        settings_from({"CONSIGN_TOKEN_KEY_FILE": str(large), "CONSIGN_TOKEN_KEY": canary * 4})


def test_settings_that_are_printed_tell_no_secret() -> None:
    canary = secrets.token_hex(32)
    settings = settings_from(
        {
            "CONSIGN_DATABASE_URL": f"postgresql://postgres:{canary}@127.0.0.1/consign",
            "CONSIGN_NATS_URL": f"nats://internal:{canary}@127.0.0.1",
            "CONSIGN_NATS_PUBLIC_URL": f"nats://public:{canary}@127.0.0.1",
            "CONSIGN_ROLE_PASSWORDS": ",".join([canary] * 5),
            "CONSIGN_TOKEN_KEY": canary,
            "CONSIGN_KEY_ENCRYPTION_KEY": canary,
            "CONSIGN_ISSUERS": ISSUERS,
        }
    )
    told = f"{settings} {settings!r} {settings.issuers}"
    assert canary not in told
    assert WEBHOOK_SECRET not in told
    assert "port=8700" in told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKEN_KEY", "CANARY"),
        ("KEY_ENCRYPTION_KEY", "CANARY"),
        ("ROLE_PASSWORDS", "CANARY"),
        ("ISSUERS", '{"webhook_secrets": CANARY}'),
        ("ISSUERS", ISSUERS.replace("whsec_", "CANARY")),
        ("DATABASE_URL", "postgresql://postgres:CANARY/1@127.0.0.1:5432/x"),
        ("DATABASE_URL", "postgresql://postgres:CANARY#1@127.0.0.1:5432/x"),
        ("DATABASE_URL", "postgresql://postgres:CANARY@127.0.0.1:1/x"),
        ("DATABASE_URL", "postgresql://postgres@127.0.0.1:CANARY/x"),
    ],
)
def test_what_is_wrong_with_a_secret_is_said_without_it(name: str, value: str, tmp_path: Path) -> None:
    given = {name: value, "NATS_URL": "nats://a:CANARY@127.0.0.1:1", "DATA_DIRECTORY": str(tmp_path)}
    if name != "DATABASE_URL":
        given["DATABASE_URL"] = "postgresql://postgres:CANARY@127.0.0.1:1/x"
    ended = subprocess.run(
        [sys.executable, "-c", COMMAND, "serve"],
        env=environment(**given),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr
    assert "CANARY" not in ended.stdout + ended.stderr


@pytest.mark.slow
@pytest.mark.fault
async def test_no_secret_is_seen_in_logs_answers_or_command_lines(own_servers: LocalServers, tmp_path: Path) -> None:
    token_key, encryption_key = secrets.token_hex(32), secrets.token_hex(32)
    passwords = [secrets.token_hex(16) for _ in range(5)]
    for name, text in (("token", token_key), ("encryption", encryption_key)):
        (tmp_path / name).write_text(text)
    given = environment(
        DATABASE_URL=own_servers.postgres_url,
        NATS_URL=own_servers.nats_url,
        TOKEN_KEY_FILE=str(tmp_path / "token"),
        KEY_ENCRYPTION_KEY_FILE=str(tmp_path / "encryption"),
        ROLE_PASSWORDS=",".join(passwords),
        ISSUERS=ISSUERS,
        DATA_DIRECTORY=str(tmp_path / "data"),
        LOG_LEVEL="debug",
        PORT="0",
    )
    of_servers = [httpx.URL(url).password for url in (own_servers.postgres_url, own_servers.nats_url)]
    canaries = [token_key, encryption_key, *passwords, WEBHOOK_SECRET, *of_servers]
    assert all(len(canary) >= 8 for canary in canaries)
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", SERVE), env=given, stdout=asyncio.subprocess.PIPE, stderr=log
        )
    try:
        seen = await _provoked(process, own_servers)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(START_LIMIT_S):
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    seen.append((tmp_path / "log").read_text())
    assert seen[-1].count("\n") > 10
    assert [canary for canary in canaries if any(canary in text for text in seen)] == []


async def _provoked(process: asyncio.subprocess.Process, servers: LocalServers) -> list[str]:
    """Ask a service for all that it tells of itself, take its servers away, ask again; return all that was seen."""
    assert process.stdout is not None
    async with asyncio.timeout(START_LIMIT_S):
        url = (await process.stdout.readline()).decode().strip()
    seen = [url]
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:

        async def read() -> None:
            bad = {"Authorization": "Bearer a.b.c"}
            paths = ("/metrics", "/ready", "/health", "/docs", "/api/v1/organizations/none/sales")
            seen.extend([(await http.get(path, headers=bad)).text for path in paths])
            seen.append((await http.post("/webhooks/clerk", json={})).text)

        async def is_unready() -> bool:
            return (await http.get("/ready")).status_code == 503

        await read()
        seen.append(command_lines())
        await servers.nats.stop()
        await servers.postgres.kill()
        await eventually(is_unready, within_s=30)
        await read()
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("command", ["serve", "token", "verify"])
def test_help_tells_no_secret(command: str) -> None:
    canary = secrets.token_hex(32)
    given = environment(TOKEN_KEY=canary, KEY_ENCRYPTION_KEY=canary, ISSUERS=ISSUERS, TOKEN=canary)
    shown = subprocess.run(
        [sys.executable, "-c", COMMAND, command, "--help"],
        env=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "Usage" in shown.stdout
    assert canary not in shown.stdout + shown.stderr
    assert WEBHOOK_SECRET not in shown.stdout + shown.stderr
