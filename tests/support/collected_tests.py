"""Print as JSON every test that pytest collects, by its id without parameters, and whether it never runs.

Run as a program, so that collecting does not disturb the run that asks for it.
"""

import contextlib
import io
import json
import sys

import pytest


class _Collector:
    def __init__(self) -> None:
        self.always_skipped: dict[str, bool] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            name = item.nodeid.partition("[")[0]
            never_runs = item.get_closest_marker("skip") is not None
            self.always_skipped[name] = self.always_skipped.get(name, True) and never_runs


def main() -> int:
    collector = _Collector()
    with contextlib.redirect_stdout(io.StringIO()) as told:
        code = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *sys.argv[1:]], plugins=[collector])
    if code != pytest.ExitCode.OK:
        sys.stderr.write(told.getvalue())
        return 1
    json.dump(collector.always_skipped, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
