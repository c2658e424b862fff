"""`consign demo`: a whole sale by real rules, and its balance."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consign.cli.exits import PROBLEM, Failure
from consign.cli.options import organization

if TYPE_CHECKING:
    from rich.progress import Progress

    from consign.cli.place import ServiceAddress
    from consign.demo.balance import Balance
    from consign.demo.bourse import Held, Plan

DIRECTORY_MODE = 0o755


@click.command("demo")
@click.option("--url", envvar="CONSIGN_URL", metavar="URL", help="A running service; with --token or --data-directory.")
@click.option(
    "--token", envvar="CONSIGN_TOKEN", metavar="JWT", help="An account that is operator and organizer, at every till."
)
@click.option(
    "--data-directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Join the service over this directory, or start one. Without it the demo starts its own and forgets it.",
)
@organization
@click.option("--consignors", type=click.IntRange(1, 9999), default=160, show_default=True)
@click.option("--items", type=click.IntRange(10, 400_000), default=2600, show_default=True, help="What they bring.")
@click.option("--tills", type=click.IntRange(1, 100), default=8, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed brings the same things.")
@click.option(
    "--pace",
    type=click.FloatRange(0, 10),
    default=0.01,
    show_default=True,
    help="Seconds a shopper hesitates, on average.",
)
@click.option("--fast", is_flag=True, help="Nobody hesitates: the same as --pace 0.")
@click.option(
    "--save-picture", type=click.Path(dir_okay=False, path_type=Path), help="Also save the balance as an SVG."
)
def command(
    url: str | None,
    token: str | None,
    data_directory: Path | None,
    organization: str,
    consignors: int,
    items: int,
    tills: int,
    seed: int,
    pace: float,
    save_picture: Path | None,
    *,
    fast: bool,
) -> None:
    """Run a fresh sale over HTTP by the rules of a real one, from import to settlement, and show the balance.

    Consignors and items are imported and checked in; cashiers at several tills serve shoppers who hesitate, change
    their minds, bring one thing to two tills, put baskets aside and bring things back, until about a third is sold, as
    in observed sales. The tills are closed by count, the settlement is previewed, and the figures are checked against
    each other and against what the cashiers saw; the exit code is 1 when one does not fit.

    \b
    Examples:
      consign demo
      consign demo --fast --consignors 30 --items 300 --tills 4
      consign demo --data-directory data
    """
    from consign.cli.running import run
    from consign.demo.bourse import Plan

    plan = Plan(consignors=consignors, items=items, tills=tills, seed=seed, pace_s=0.0 if fast else pace)
    held, balance = run(_demo(url, token, data_directory, organization, plan))
    from consign.cli.balance_tables import show

    show(held, balance, plan, save_picture)
    if not balance.holds:
        raise Failure("the figures do not fit", PROBLEM)


async def _demo(
    url: str | None, token: str | None, data_directory: Path | None, organization: str, plan: "Plan"
) -> "tuple[Held, Balance]":
    from consign.client import Client
    from consign.demo.balance import balance_of
    from consign.demo.bourse import hold_sale
    from consign.demo.brought import items

    try:
        items(plan.consignors, plan.items, plan.seed)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    async with _service(url, token, data_directory) as (address, tokens):
        with _watched() as watch:
            held = await hold_sale(address, organization, tokens(organization), plan, watch)
            watch.stage("the balance is drawn", 1)
            async with Client(address, tokens(organization)("organizer", "organizer"), organization) as organizer:
                return held, await balance_of(organizer, held)


@asynccontextmanager
async def _service(
    url: str | None, token: str | None, data_directory: Path | None
) -> AsyncIterator[tuple[str, Callable[[str], Callable[[str, str], str]]]]:
    """Lend a service: its address, and what mints tokens for an organization."""
    from consign.cli.place import ServiceAddress, service, token_key
    from consign.settings import settings_from

    async with AsyncExitStack() as stack:
        if url is not None:
            if token is None and data_directory is None:
                raise click.UsageError("--url needs --token, or --data-directory with the service's token key")
            key = b"" if token is not None else token_key(settings_from(data_directory=data_directory))
            address = ServiceAddress(url, key)
        elif data_directory is not None:
            address = await stack.enter_async_context(service(data_directory))
        else:
            address = await stack.enter_async_context(_own_service())

        def tokens(organization: str) -> Callable[[str, str], str]:
            return lambda account, role: token or _minted(address, organization, account, role)

        yield address.url, tokens


@asynccontextmanager
async def _own_service() -> "AsyncIterator[ServiceAddress]":
    """Start an embedded service over a directory that is gone afterwards, whatever servers the environment names."""
    from consign.cli.place import own_service
    from consign.settings import settings_from

    with tempfile.TemporaryDirectory(prefix="consign-demo-") as directory:
        Path(directory).chmod(DIRECTORY_MODE)  # noqa: ASYNC240 - a moment, before anything runs
        settings = settings_from({}, data_directory=Path(directory), port=0, log_level="error")
        async with own_service(settings) as address:
            yield address


def _minted(address: "ServiceAddress", organization: str, account: str, role: str) -> str:
    from consign.http.identity.development import DevelopmentIdentity

    held: dict[str, tuple[str, ...]] = {organization: (role,)}
    if role == "organizer":
        held["platform"] = ("operator",)
    return DevelopmentIdentity(address.token_key).issue(account, held)


class _Watch:
    """Draws the stages of the sale on standard error as they go on."""

    def __init__(self, progress: "Progress") -> None:
        self._progress = progress
        self._task: int | None = None
        self._name = ""

    def stage(self, name: str, total: int) -> None:
        """Finish the stage before and begin a new one."""
        if self._task is not None:
            task = self._progress.tasks[self._task]
            self._progress.update(task.id, completed=task.total)
        self._name = name
        self._task = self._progress.add_task(name, total=total)

    def reached(self, done: int, remark: str = "") -> None:
        """Say how far the stage is."""
        assert self._task is not None
        task = self._progress.tasks[self._task]
        self._progress.update(task.id, completed=done, description=f"{self._name} {remark}".strip())


@contextmanager
def _watched() -> "Iterator[_Watch]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield _Watch(progress)
