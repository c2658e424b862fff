"""The proxy's configuration and the service agree on their bounds."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture
def caddy(tmp_path: Path) -> Callable[..., str]:
    """Run caddy's commands over the file, for two domains beside the service's own."""
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("NOT CHECKED: there is no caddy on this machine")

    def run(command: str, others: str = "fair.example, market.example") -> str:
        done = subprocess.run(
            [program, command, "--adapter", "caddyfile", "--config", CADDYFILE],
            env={
                **os.environ,
                "HOME": str(tmp_path),
                "XDG_DATA_HOME": str(tmp_path),
                "XDG_CONFIG_HOME": str(tmp_path),
                "CONSIGN_DOMAIN": "consign.example",
                "CONSIGN_OTHER_DOMAINS": others,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.parametrize("others", ["", "fair.example", "fair.example, market.example"])
def test_caddy_understands_it(caddy: Callable[..., str], others: str) -> None:
    caddy("validate", others)


def test_caddy_serves_the_services_domain_and_the_organizations(caddy: Callable[..., str]) -> None:
    (server,) = json.loads(caddy("adapt"))["apps"]["http"]["servers"].values()
    hosts = {host for route in server["routes"] for match in route["match"] for host in match["host"]}
    assert hosts == {"consign.example", "fair.example", "market.example"}
    hidden = [found for found in routes_of(server) if found["handle"][0].get("status_code") == 404]
    assert [route["match"] for route in hidden] == [[{"path": ["/metrics*"]}]]


def routes_of(server: Any) -> Iterator[Any]:
    """Yield the routes within each site."""
    for site in server["routes"]:
        for handler in site["handle"]:
            yield from handler["routes"]
