#!/bin/sh
# Asks whether anything that is installed has known vulnerabilities. Whatever was not asked about counts as a failure.
set -eu
cd "$(dirname "$0")/.."
place=build/audit
if [ ! -x "$place/bin/pip-audit" ] || ! cmp -s requirements/audit.txt "$place/installed.txt"; then
    rm -rf "$place"
    "$(scripts/find-python.sh)" -m venv "$place"
    "$place/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --requirement requirements/audit.txt || {
        echo "audit: pip-audit could not be installed, so NOTHING WAS CHECKED" >&2
        exit 2
    }
    cp requirements/audit.txt "$place/installed.txt"
fi

failed=
for lock in requirements/*.txt; do
    echo "audit: $lock"
    found=$("$place/bin/pip-audit" --strict --progress-spinner off --disable-pip --require-hashes --timeout 15 \
        --format columns --requirement "$lock" 2>&1) || {
        echo "$found" >&2
        failed="$failed $lock"
        continue
    }
    echo "$found"
done
if [ -n "$failed" ]; then
    echo "audit: FAILED: vulnerable, or not to be checked:$failed" >&2
    exit 1
fi
echo "audit: nothing known against anything that is pinned"
