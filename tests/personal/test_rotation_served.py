"""`consign rotate-key` beside a service that goes on over the same data directory."""

import subprocess

import httpx

from tests.support.command_line import consign, data_directory, serving


def names(url: str, token: str) -> list[str]:
    rows = httpx.get(
        f"{url}/api/v1/organizations/demo/participations",
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
    )
    assert rows.status_code == httpx.codes.OK, rows.text
    return [row["profile"]["name"] for row in rows.json()["items"]]


def done(completed: subprocess.CompletedProcess[str]) -> str:
    assert completed.returncode == 0, completed.stderr
    return completed.stdout


def test_names_are_read_before_during_and_after_a_rotation_and_with_the_former_key_no_service_starts() -> None:
    with data_directory() as directory:
        at = ("--data-directory", directory)
        with serving(directory) as service:
            url = service.said("ready")
            token = done(consign("token", *at)).strip()
            before = names(url, token)
            assert before
            former = (directory / "keys" / "key-encryption").read_text()

            assert "in use" in done(consign("rotate-key", *at))

            assert names(url, token) == before
        present = (directory / "keys" / "key-encryption").read_text()
        assert present != former
        with serving(directory) as service:
            assert names(service.said("ready"), token) == before
        (directory / "keys" / "key-encryption").write_text(former)
        refused = consign("serve", "--port", "0", "--quiet", *at)
        assert refused.returncode == 2
        assert "which this process was not given" in refused.stderr
