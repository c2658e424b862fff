"""The proxy's configuration and the service agree on their bounds."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from consign.http.connections import ConnectionLimits
from consign.http.edge import EdgeLimits

CADDYFILE = Path(__file__).parents[1] / "deploy" / "Caddyfile"
KIB = 1024
CONNECTIONS = ConnectionLimits()


def figure(name: str, unit: str) -> int:
    (found,) = re.findall(rf"^\s*{name} (\d+){unit}$", CADDYFILE.read_text(), re.MULTILINE)
    return int(found)


def test_heads_are_as_large_and_take_as_long_as_at_the_service() -> None:
    assert figure("max_header_size", "KiB") * KIB == CONNECTIONS.head_bytes
    assert figure("read_header", "s") == CONNECTIONS.head_s
    assert figure("idle", "s") == CONNECTIONS.keep_alive_s


def test_what_the_service_takes_passes_the_proxy() -> None:
    assert figure("max_size", "MiB") * KIB * KIB > EdgeLimits().import_body_max_bytes
    assert figure("response_header_timeout", "s") > CONNECTIONS.handler_s
    assert figure("keepalive", "s") < CONNECTIONS.keep_alive_s


def test_caddy_understands_it() -> None:
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("NOT CHECKED: there is no caddy on this machine")
    checked = subprocess.run(
        [caddy, "validate", "--adapter", "caddyfile", "--config", CADDYFILE],
        env={**os.environ, "CONSIGN_DOMAIN": "consign.example"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
