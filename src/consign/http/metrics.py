"""What Prometheus is told: requests by route, and the engine's own counters, asked for when somebody looks."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

type Counters = Callable[[], Mapping[str, float]]
"""Figures by metric name; names that end in `_total` only ever grow."""


class Metrics:
    """One registry a service, so that several services can live in one process (as in tests)."""

    def __init__(self, engine: Counters = dict) -> None:
        self._registry = CollectorRegistry()
        self._durations = Histogram(
            "consign_http_request_duration_seconds",
            "How long requests took, by route.",
            ("method", "route", "status"),
            buckets=BUCKETS_S,
            registry=self._registry,
        )
        self._log_lines = Counter(
            "consign_http_disconnects", "Requests whose client went away.", registry=self._registry
        )
        self._by_labels: dict[tuple[str, str, int], Histogram] = {}
        self._registry.register(_Engine(engine))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def observe(self, method: str, route: str, status: int, duration_s: float) -> None:
        """Count one answered request. `route` is a template, so that the number of series stays bounded."""
        key = (method, route, status)
        child = self._by_labels.get(key)
        if child is None:
            child = self._by_labels[key] = self._durations.labels(method, route, str(status))
        child.observe(duration_s)

    def disconnected(self) -> None:
        """Count a client that went before its answer."""
        self._log_lines.inc()

    def render(self) -> bytes:
        """Return the text that Prometheus scrapes."""
        return generate_latest(self._registry)


class _Engine(Collector):
    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def collect(self) -> Iterable[Metric]:
        for name, value in self._counters().items():
            if name.endswith("_total"):
                yield CounterMetricFamily(f"consign_{name.removesuffix('_total')}", name.replace("_", " "), value=value)
            else:
                yield GaugeMetricFamily(f"consign_{name}", name.replace("_", " "), value=value)
