"""What lies in deploy/ fits together: settings that there are, secrets as files, one way in, a server that starts."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
import yaml

from consign.adapters.nats.accounts import ACCOUNTS_FILE, EXPORTS_FILE
from consign.local import nats
from consign.local.binaries import embedded_nats
from consign.settings import Settings, settings_from

DEPLOY = Path(__file__).parents[1] / "deploy"
COMPOSE, UNIT = DEPLOY / "compose.yaml", DEPLOY / "consign.service"
OPERATIONS = DEPLOY.parent / "docs" / "operations.md"
OF_THE_PROXY = {"CONSIGN_DOMAIN", "CONSIGN_OTHER_DOMAINS", "CONSIGN_UPSTREAMS"}
OF_COMMANDS = {"CONSIGN_TOKEN"}
OF_MEASURING = {"CONSIGN_BENCH", "CONSIGN_FAN_OUT"}
SECRET = {
    *("CONSIGN_DATABASE_URL", "CONSIGN_ROLE_PASSWORDS", "CONSIGN_NATS_URL", "CONSIGN_NATS_PUBLIC_URL"),
    *("CONSIGN_KEY_ENCRYPTION_KEY", "CONSIGN_TOKEN_KEY"),
}


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The secrets as the script makes them."""
    shutil.copy(DEPLOY / "make-secrets.sh", tmp_path)
    subprocess.run(["sh", tmp_path / "make-secrets.sh"], check=True, timeout=30)
    return tmp_path / "secrets"


def named(file: Path) -> set[str]:
    return set(re.findall(r"^\s*(?:Environment=)?(CONSIGN_[A-Z_]+)[:=]", file.read_text(), re.MULTILINE))


@pytest.mark.parametrize("file", [COMPOSE, UNIT], ids=lambda file: file.name)
def test_every_setting_that_is_named_is_one_and_secrets_are_named_by_file(file: Path) -> None:
    known = {f"CONSIGN_{name.upper()}" for name in Settings.__struct_fields__}
    settings = named(file) - OF_THE_PROXY
    assert {name.removesuffix("_FILE") for name in settings} <= known
    assert {f"{name}_FILE" for name in SECRET} <= settings
    assert settings & SECRET == set()


def test_no_service_of_compose_is_given_a_secret_that_is_not_there_and_only_the_proxy_is_reached(secrets: Path) -> None:
    text = COMPOSE.read_text()
    files = set(re.findall(r"file: secrets/(\w+)", text))
    assert files == {each.name for each in secrets.iterdir()}
    assert set(re.findall(r"/run/secrets/(\w+)", text)) <= files
    given = {name for found in re.findall(r"^\s*secrets: \[(.*)\]$", text, re.MULTILINE) for name in found.split(", ")}
    assert given == files
    assert re.findall(r"^\s*ports: (.*)$", text, re.MULTILINE) == ['["80:80", "443:443", "443:443/udp"]']


def test_the_secrets_are_settings_that_can_be_read_and_are_made_once(secrets: Path) -> None:
    found = dict(re.findall(r"(CONSIGN_\w+_FILE): /run/secrets/(\w+)", COMPOSE.read_text()))
    settings = settings_from({name: str(secrets / path) for name, path in found.items()})
    assert settings.role_passwords is not None
    assert len(set(settings.role_passwords)) == 5
    assert (secrets.stat().st_mode & 0o077) == 0
    again = subprocess.run(
        ["sh", secrets.parent / "make-secrets.sh"], capture_output=True, text=True, timeout=30, check=False
    )
    assert again.returncode == 1
    assert "in use" in again.stderr


def test_the_proxys_network_is_the_one_that_is_trusted_and_its_upstreams_are_there() -> None:
    text = COMPOSE.read_text()
    (trusted,) = re.findall(r"CONSIGN_TRUSTED_PROXIES: (\S+)", text)
    assert f"subnet: {trusted}" in text
    (upstreams,) = re.findall(r"CONSIGN_UPSTREAMS: (.*)", text)
    assert all(re.search(rf"^  {each.partition(':')[0]}:$", text, re.MULTILINE) for each in upstreams.split())
    assert "{$CONSIGN_UPSTREAMS:" in (DEPLOY / "Caddyfile").read_text()


def test_the_nats_server_understands_its_configuration(secrets: Path, tmp_path: Path) -> None:
    configuration = tmp_path / "etc" / "nats" / "nats.conf"
    for folder in (configuration.parent, tmp_path / "accounts", tmp_path / "run" / "secrets", tmp_path / "data"):
        folder.mkdir(parents=True)
    shutil.copy(secrets / "nats_passwords", tmp_path / "run" / "secrets")
    for name in ("organization-exports.conf", "organization-accounts.conf"):
        (tmp_path / "accounts" / name).touch()
    text = (DEPLOY / "nats.conf").read_text()
    configuration.write_text(text.replace("store_dir: /data", f'store_dir: "{tmp_path / "data"}"'))
    checked = subprocess.run(
        [embedded_nats(), "-t", "--config", configuration], capture_output=True, text=True, timeout=30, check=False
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("script", sorted(DEPLOY.glob("*.sh")), ids=lambda script: script.name)
def test_every_script_is_one(script: Path) -> None:
    checked = subprocess.run(["sh", "-n", script], capture_output=True, text=True, timeout=30, check=False)
    assert checked.returncode == 0, checked.stderr


def test_whom_the_service_runs_as_owns_the_accounts_that_it_writes() -> None:
    (user,) = re.findall(r"--uid (\d+)", (DEPLOY / "Dockerfile").read_text())
    assert f"chown -R {user}:{user} /accounts" in (DEPLOY / "nats-server.sh").read_text()


def composed(secrets: Path) -> Mapping[str, Mapping[str, str]]:
    """Return the environment of each service of compose.yaml as Docker would give it to the container."""
    text = COMPOSE.read_text().replace("${CONSIGN_OTHER_DOMAINS:-}", "")
    text = re.sub(r"\$\{CONSIGN_DOMAIN:\?[^}]*\}", "consign.example", text)
    services = yaml.safe_load(text.replace("/run/secrets", str(secrets)))["services"]
    return {name: service.get("environment", {}) for name, service in services.items()}


def of_the_unit(secrets: Path) -> Mapping[str, str]:
    said = dict(re.findall(r"^Environment=(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE))
    return {name: value.replace("%d", str(secrets)) for name, value in said.items()}


def test_what_each_process_of_compose_is_given_are_settings_that_fit_together(secrets: Path) -> None:
    given = {name: settings_from(said) for name, said in composed(secrets).items() if name.startswith("consign-")}
    assert len(given) == len({each.node_id for each in given.values()}) == 2
    for settings in given.values():
        assert settings.public_url == "https://consign.example"
        assert not settings.is_embedded
        assert msgspec.structs.replace(settings, node_id=None) == msgspec.structs.replace(
            next(iter(given.values())), node_id=None
        )
    volumes = {each.partition(":")[2] for each in re.findall(r'"((?:consign|accounts):[^"]+)"', COMPOSE.read_text())}
    (settings, _) = given.values()
    assert volumes == {str(settings.data_directory), str(settings.nats_accounts_directory)}


def test_what_the_unit_says_are_settings_and_folders_that_it_may_write(secrets: Path) -> None:
    settings = settings_from(of_the_unit(secrets))
    unit = UNIT.read_text()
    state = {
        f"/var/lib/{each}" for line in re.findall("^StateDirectory=(.*)$", unit, re.MULTILINE) for each in line.split()
    }
    assert state == {str(settings.data_directory), str(settings.erasures.parent)}
    assert f"ReadWritePaths={settings.nats_accounts_directory}\n" in unit
    watched = DEPLOY / "consign-nats.path"
    assert f"PathChanged={settings.nats_accounts_directory}/{ACCOUNTS_FILE}\n" in watched.read_text()
    first, second = re.findall(r"127\.0\.0\.1:(\d+)", (DEPLOY / "Caddyfile").read_text())
    assert settings.port == int(first)
    assert f"the port {second}" in unit
    loaded = dict(re.findall(r"^LoadCredential=(\w+):(.*)$", unit, re.MULTILINE))
    assert loaded == {name: f"/etc/consign/{name}" for name in re.findall(r"=%d/(\w+)$", unit, re.MULTILINE)}


def test_what_the_documents_name_are_settings_and_every_setting_is_named() -> None:
    settings = {f"CONSIGN_{name.upper()}" for name in Settings.__struct_fields__}
    files = {f"{name}_FILE" for name in settings}
    for document in (DEPLOY / "README.md", OPERATIONS):
        said = set(re.findall(r"CONSIGN_[A-Z_]*[A-Z]", document.read_text()))
        assert said - settings - files - OF_THE_PROXY - OF_COMMANDS == set()
    rows = "".join(re.findall(r"^\| `CONSIGN_[^|]*\|", OPERATIONS.read_text(), re.MULTILINE))
    assert settings - OF_MEASURING - set(re.findall(r"CONSIGN_[A-Z_]*[A-Z]", rows)) == set()


def test_nats_of_ones_own_takes_what_the_embedded_one_takes() -> None:
    own = (DEPLOY / "nats.conf").read_text()
    assert "max_payload: 8MB" in own
    assert nats.MAX_PAYLOAD_BYTES == 8 * 1024**2
    assert {f"accounts/{name}" for name in (EXPORTS_FILE, ACCOUNTS_FILE)} <= set(re.findall(r"accounts/\S+", own))
