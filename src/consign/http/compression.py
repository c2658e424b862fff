"""Compressing answers that are worth it: whole ones, of some length, for clients that take gzip."""

import asyncio
import gzip
from typing import Any

from litestar.types import Message, Send

COMPRESSED_FROM_BYTES = 1024
IN_A_THREAD_FROM_BYTES = 64 * 1024
LEVEL = 5


def compressing(send: Send) -> Send:
    """Return a `send` that compresses an answer that comes in one piece; streams pass as they are."""
    held: list[Any] = []

    async def respond(message: Message) -> None:
        if message["type"] == "http.response.start":
            held.append(message)
            return
        if held:
            begun = held.pop()
            body = message.get("body", b"") if message["type"] == "http.response.body" else b""
            if len(body) >= COMPRESSED_FROM_BYTES and not message.get("more_body"):
                compress = asyncio.to_thread(_compressed, body) if len(body) >= IN_A_THREAD_FROM_BYTES else None
                packed = _compressed(body) if compress is None else await compress
                begun["headers"] = [
                    *((name, value) for name, value in begun["headers"] if name != b"content-length"),
                    (b"content-length", str(len(packed)).encode()),
                    (b"content-encoding", b"gzip"),
                    (b"vary", b"accept-encoding"),
                ]
                message = {"type": "http.response.body", "body": packed, "more_body": False}
            await send(begun)
        await send(message)

    return respond


def _compressed(body: bytes) -> bytes:
    return gzip.compress(body, LEVEL, mtime=0)
