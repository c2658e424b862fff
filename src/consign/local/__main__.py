"""Keep the embedded servers up in the foreground: `python -m consign.local --data DIR`."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from consign.local.errors import LocalServersError
from consign.local.servers import local_servers


async def _serve(data_directory: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wanted, stop.set)
    async with local_servers(data_directory) as servers:
        sys.stdout.write(f"CONSIGN_DATABASE_URL={servers.postgres_url}\n")
        sys.stdout.write(f"CONSIGN_NATS_URL={servers.nats_url}\n")
        sys.stdout.write(f"CONSIGN_NATS_PUBLIC_URL={servers.nats_public_url}\n")
        sys.stdout.flush()
        await stop.wait()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m consign.local", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data directory")
    try:
        asyncio.run(_serve(parser.parse_args().data))
    except LocalServersError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


sys.exit(main())
