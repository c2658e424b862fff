"""What an installation keeps: keys that all its processes share, and node ids that no two of them do."""

from pathlib import Path

from consign.adapters.installation import node_identity, secret_key


def test_a_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    key = secret_key(tmp_path, "token")
    assert len(key) == 32
    assert secret_key(tmp_path, "token") == key
    assert secret_key(tmp_path, "other") != key
    assert {file.name for file in (tmp_path / "keys").iterdir()} == {"token", "other"}
    assert (tmp_path / "keys" / "token").stat().st_mode & 0o077 == 0


def test_live_processes_have_different_ids_and_a_restarted_one_gets_its_own_again(tmp_path: Path) -> None:
    with node_identity(tmp_path) as first:
        with node_identity(tmp_path) as second:
            assert first != second
        with node_identity(tmp_path) as again:
            assert again == second
    with node_identity(tmp_path) as restarted:
        assert restarted == first
