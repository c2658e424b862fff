"""Becomes a server program that never outlives the service: run as `python -I -S launcher.py …`, never imported.

It stands between the service and the server because the order matters: drop root first (that clears the parent-death
signal), then ask for the signal, then look whether the parent died in between, then exec. It uses the standard library
only, since the unprivileged user may not be able to read the environment that the service runs in.

On Linux the kernel sends the signal. Elsewhere, or with `--watchdog`, a small process holds the reading end of a pipe
whose writing end the service holds; when that closes, the service is gone and the watchdog stops the server.
"""

import argparse
import ctypes
import os
import select
import sys

_PR_SET_PDEATHSIG = 1
_WATCH_PERIOD_S = 1.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True, help="the service: when it ends, the server ends")
    parser.add_argument("--signal", type=int, required=True, help="what the server gets then")
    parser.add_argument("--user", type=int, help="drop from root to this user id")
    parser.add_argument("--group", type=int, help="drop from root to this group id")
    parser.add_argument("--watchdog", type=int, help="the reading end of the service's pipe")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()

    libc = ctypes.CDLL(None) if arguments.watchdog is None else None
    if arguments.user is not None:
        os.setgroups([])
        os.setgid(arguments.group)
        os.setuid(arguments.user)
    os.umask(0o077)
    if libc is None:
        _watch(arguments.watchdog, os.getpid(), arguments.signal)
    else:
        libc.prctl(_PR_SET_PDEATHSIG, arguments.signal)
        if os.getppid() != arguments.parent:
            sys.exit("the service ended before its server started")
    os.execv(arguments.command[0], arguments.command)  # noqa: S606 - the whole purpose of this file


def _watch(pipe: int, server: int, signal: int) -> None:
    """Leave a watchdog behind, forked twice so that it is no child of the server."""
    first = os.fork()
    if first:
        os.waitpid(first, 0)
        os.close(pipe)
        return
    if os.fork():
        os._exit(0)
    while True:
        readable, _, _ = select.select([pipe], [], [], _WATCH_PERIOD_S)
        try:
            os.kill(server, signal if readable else 0)
        except ProcessLookupError:
            os._exit(0)
        if readable:
            os._exit(0)


main()
