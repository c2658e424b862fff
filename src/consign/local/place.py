"""Where the servers keep their files: in the data directory, unless the user they run as cannot get there."""

import hashlib
import os
import secrets
import shutil
from pathlib import Path

from consign.local.user import ServerUser, can_reach

_ELSEWHERE_FILE = "elsewhere"
_ELSEWHERE = Path("/var/lib/consign")


def servers_home(data_directory: Path, user: ServerUser | None) -> Path:
    """Return the directory that holds the servers' files.

    A checkout below root's home is closed to the unprivileged user. The servers' files then live under
    /var/lib/consign, and a file in the data directory says where, so that deleting the data directory still means
    starting afresh.
    """
    if user is None:
        return data_directory
    if data_directory.stat().st_uid == 0:
        data_directory.chmod(data_directory.stat().st_mode | 0o011)
    pointer = data_directory / _ELSEWHERE_FILE
    if pointer.exists():
        home = Path(pointer.read_text().strip())
    elif can_reach(user, data_directory):
        return data_directory
    else:
        home = _open_folder(_ELSEWHERE) / secrets.token_hex(8)
        pointer.write_text(f"{home}\n")
    return _open_folder(home)


def _open_folder(path: Path) -> Path:
    """Make a folder that anybody may pass through, whatever the umask."""
    if not path.exists():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o755)
    return path


def own(path: Path, user: ServerUser | None) -> Path:
    """Make `path` a directory that belongs to the servers' user alone."""
    path.mkdir(mode=0o700, exist_ok=True)
    if user is not None:
        os.chown(path, user.uid, user.gid)
    return path


def reachable_program(program: Path, user: ServerUser | None, *, tree: Path, with_folders: tuple[Path, ...]) -> Path:
    """Return `program`, copied together with `with_folders` (all below `tree`) to where `user` can run it, if need be.

    The copy keeps the layout below `tree`, because the programs find their libraries by relative paths.
    """
    if user is None or can_reach(user, program.parent):
        return program
    with program.open("rb") as file:
        key = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    copy = _ELSEWHERE / f"programs-{key}"
    if not copy.exists():
        draft = _ELSEWHERE / f"programs-{key}.{os.getpid()}.new"
        _open_folder(_ELSEWHERE)
        for folder in with_folders:
            shutil.copytree(folder, draft / folder.relative_to(tree), symlinks=True)
        target = draft / program.relative_to(tree)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(program, target)
        try:
            draft.rename(copy)
        except OSError:
            shutil.rmtree(draft)
            if not copy.exists():
                raise
    return copy / program.relative_to(tree)
