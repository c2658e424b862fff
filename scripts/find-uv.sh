#!/bin/sh
# Prints the path of uv: an installed one, or one fetched with the pip of whichever Python there is.
set -eu
cd "$(dirname "$0")/.."
for candidate in uv "$HOME/.local/bin/uv" build/uv/bin/uv; do
    if "$candidate" --version >/dev/null 2>&1; then
        command -v "$candidate"
        exit 0
    fi
done
for python in python3 python .venv/bin/python; do
    if "$python" -m pip install --quiet --disable-pip-version-check --target build/uv \
        --require-hashes --requirement requirements/uv.txt >&2; then
        echo build/uv/bin/uv
        exit 0
    fi
done 2>/dev/null
exit 1
