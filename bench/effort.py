"""How much is measured: enough for the table, enough for a look, enough to see that it runs."""

from msgspec import Struct


class Effort(Struct, frozen=True, kw_only=True):
    """`rounds` do not count the one that warms up."""

    rounds: int
    commands: int
    peer_commands: int
    history_events: int
    http_round_s: float
    stock_items: int
    baskets: dict[int, int]
    starts: int
    sale_consignors: int
    sale_items: int
    sale_tills: int = 15
    connections: int = 64
    batches: tuple[int, ...] = (50, 500)


FULL = Effort(
    rounds=5,
    commands=10_000,
    peer_commands=800,
    history_events=100_000,
    http_round_s=2.0,
    stock_items=50_000,
    baskets={1: 60, 8: 25, 15: 20, 64: 6},
    starts=5,
    sale_consignors=1_000,
    sale_items=50_000,
)
QUICK = Effort(
    rounds=3,
    commands=5_000,
    peer_commands=400,
    history_events=30_000,
    http_round_s=1.0,
    stock_items=8_000,
    baskets={1: 20, 8: 8, 15: 6, 64: 2},
    starts=2,
    sale_consignors=200,
    sale_items=10_000,
)
TINY = Effort(
    rounds=1,
    commands=200,
    peer_commands=50,
    history_events=2_000,
    http_round_s=0.1,
    stock_items=300,
    baskets={1: 2, 4: 2},
    starts=1,
    sale_consignors=20,
    sale_items=200,
    sale_tills=3,
    connections=4,
    batches=(10,),
)
