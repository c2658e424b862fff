"""How commands end: the exit codes, and the errors that are told in a sentence instead of a traceback."""

import importlib
import sys
from collections.abc import Sequence

PROBLEM = 1
"""A problem was found, or the service refused what was asked."""

ENVIRONMENT = 2
"""What is needed is not there: servers, a data directory, settings. click uses the same code for wrong usage."""

INTERRUPTED = 3

# By module and name, so that a command loads only what it needs; an error can only be of a module that was loaded.
_EXPECTED: Sequence[tuple[str, str, int]] = (
    ("consign.client", "RequestRefused", PROBLEM),
    ("consign.client", "ClientError", ENVIRONMENT),
    ("consign.settings", "SettingsInvalidError", ENVIRONMENT),
    ("consign.local.errors", "LocalServersError", ENVIRONMENT),
    ("consign.actors.ports", "UnknownOrganization", PROBLEM),
    ("consign.cli.verification", "TablesMoved", ENVIRONMENT),
    ("consign.actors.relay", "StreamUnavailable", ENVIRONMENT),
    ("consign.adapters.nats.connection", "NatsDown", ENVIRONMENT),
    ("consign.actors.ports", "LogError", ENVIRONMENT),
    ("consign.adapters.postgres.migrate", "MigrationError", ENVIRONMENT),
    ("asyncpg", "PostgresError", ENVIRONMENT),
    ("asyncpg", "InterfaceError", ENVIRONMENT),
    ("nats.errors", "Error", ENVIRONMENT),
    ("consign.adapters.crypto.key_ring", "KeyMissing", ENVIRONMENT),
    ("consign.adapters.installation", "InstallationBusy", ENVIRONMENT),
    ("builtins", "OSError", ENVIRONMENT),
)


class Interrupted(Exception):
    """The operator asked the command to end early."""


class Failure(Exception):
    """Ends the command with a sentence and a code."""

    def __init__(self, message: str, exit_code: int = PROBLEM) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def expected_error(error: BaseException) -> Failure | None:
    """Return how to tell of an error that may happen to anybody; None for a defect, which keeps its traceback."""
    if isinstance(error, Failure):
        return error
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    for module, name, exit_code in _EXPECTED:
        if module in sys.modules and isinstance(error, getattr(importlib.import_module(module), name)):
            return Failure(str(error) or type(error).__name__, exit_code)
    return None
