"""Verifiers of passwords: argon2id (RFC 9106), worked out on a few threads of their own."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from consign.identity.ports import SignInBusy

MEMORY_KIB = 19_456
ITERATIONS = 2
"""The smallest that OWASP's cheat sheet on storing passwords asks for: 19 MiB and two passes, one lane."""
THREADS_MAX = 2
WAITING_MAX = 32
_SALT_BYTES = 16
_LENGTH_BYTES = 32


class Argon2:
    """Makes and checks verifiers. At most THREADS_MAX at once; of more than WAITING_MAX the last is SignInBusy."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, iterations: int = ITERATIONS) -> None:
        self._memory_kib = memory_kib
        self._iterations = iterations
        self._threads = ThreadPoolExecutor(THREADS_MAX, thread_name_prefix="argon2")
        self._waiting = 0

    async def verifier(self, password: str) -> str:
        """Return what tells this password later, as a PHC string with parameters and salt."""
        return await self._on_thread(self._made, password)

    async def tells(self, verifier: str, password: str) -> bool:
        """Say whether it is the verifier's password."""
        return await self._on_thread(_checked, verifier, password)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _on_thread[*Arguments, Result](
        self, work: Callable[[*Arguments], Result], *arguments: *Arguments
    ) -> Result:
        if self._waiting >= WAITING_MAX:
            raise SignInBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1

    def _made(self, password: str) -> str:
        kdf = Argon2id(
            salt=os.urandom(_SALT_BYTES),
            length=_LENGTH_BYTES,
            iterations=self._iterations,
            lanes=1,
            memory_cost=self._memory_kib,
        )
        return kdf.derive_phc_encoded(password.encode())


def _checked(verifier: str, password: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(password.encode(), verifier)
    except InvalidKey:
        return False
    return True
