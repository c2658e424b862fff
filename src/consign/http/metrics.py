"""What Prometheus is told: requests by route, and the engine's own counters, asked for when somebody looks."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

type Counters = Callable[[], Mapping[str, float]]
"""Figures by metric name; names that end in `_total` only ever grow."""


class _Series:
    """Durations of one route, method and status: how many in each bucket, and their sum."""

    __slots__ = ("counts", "sum_s")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS_S) + 1)
        self.sum_s = 0.0


class Metrics:
    """One registry a service, so that several services can live in one process (as in tests).

    Requests are counted in plain integers, turned into Prometheus's own only when it asks.
    """

    def __init__(self, engine: Counters = dict) -> None:
        self._series: dict[tuple[str, str, int], _Series] = {}
        self._disconnects = 0
        self._registry = CollectorRegistry()
        self._registry.register(_Engine(engine))
        self._registry.register(_Requests(self._families))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def observe(self, method: str, route: str, status: int, duration_s: float) -> None:
        """Count one answered request. `route` is a template, so that the number of series stays bounded."""
        key = (method, route, status)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = _Series()
        series.counts[bisect_left(BUCKETS_S, duration_s)] += 1
        series.sum_s += duration_s

    def disconnected(self) -> None:
        """Count a client that went before its answer."""
        self._disconnects += 1

    def render(self) -> bytes:
        """Return the text that Prometheus scrapes."""
        return generate_latest(self._registry)

    def _families(self) -> Iterable[Metric]:
        durations = HistogramMetricFamily(
            "consign_http_request_duration_seconds",
            "How long requests took, by route.",
            labels=("method", "route", "status"),
        )
        bounds = [*map(str, BUCKETS_S), "+Inf"]
        for (method, route, status), series in self._series.items():
            buckets = list(zip(bounds, accumulate(series.counts), strict=True))
            durations.add_metric((method, route, str(status)), buckets, series.sum_s)
        yield durations
        yield CounterMetricFamily(
            "consign_http_disconnects", "Requests whose client went away.", value=self._disconnects
        )


class _Requests(Collector):
    def __init__(self, families: Callable[[], Iterable[Metric]]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families()


class _Engine(Collector):
    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def collect(self) -> Iterable[Metric]:
        for name, value in self._counters().items():
            if name.endswith("_total"):
                yield CounterMetricFamily(f"consign_{name.removesuffix('_total')}", name.replace("_", " "), value=value)
            else:
                yield GaugeMetricFamily(f"consign_{name}", name.replace("_", " "), value=value)
