"""Which user the servers run as: Postgres refuses root, so root gives way to a user without rights."""

import grp
import os
import pwd
import shutil
import stat
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from consign.local.errors import NoUnprivilegedUserError

_NAME = "consign"
_LAST_RESORT = "nobody"
_CREATE_TRIES = 20
_CREATE_PAUSE_S = 0.1


class ServerUser(NamedTuple):
    name: str
    uid: int
    gid: int


def server_user() -> ServerUser | None:
    """Return the user to drop to; None when this process is not root and needs no other.

    Creates the system user `consign` on first use and takes `nobody` where none can be created.
    """
    if os.geteuid() != 0:
        return None
    found = _lookup(_NAME) or _create() or _lookup(_LAST_RESORT)
    if found is None:
        raise NoUnprivilegedUserError
    return found


def _lookup(name: str) -> ServerUser | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return ServerUser(name, entry.pw_uid, entry.pw_gid) if entry.pw_uid != 0 else None


def _create() -> ServerUser | None:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        return None
    # Another process may be creating the user at this moment: one of the two fails, and finds it a moment later.
    for _ in range(_CREATE_TRIES):
        subprocess.run(  # noqa: S603 - fixed arguments
            [program, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", _NAME],
            check=False,
            capture_output=True,
            timeout=30,
        )
        created = _lookup(_NAME)
        if created is not None:
            return created
        time.sleep(_CREATE_PAUSE_S)
    return None


def can_reach(user: ServerUser, path: Path) -> bool:
    """Say whether `user` may walk down to `path`."""
    return all(_may_enter(user, folder) for folder in path.resolve().parents) and _may_enter(user, path.resolve())


def _may_enter(user: ServerUser, path: Path) -> bool:
    found = path.stat()
    if found.st_uid == user.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == user.gid or user.name in _members(found.st_gid):
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _members(gid: int) -> list[str]:
    try:
        return grp.getgrgid(gid).gr_mem
    except KeyError:
        return []
