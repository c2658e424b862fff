#!/bin/sh
# Brings .venv to the state that the lock requirements/$1.txt describes; does nothing when it is there already.
set -eu
cd "$(dirname "$0")/.."
export UV_SYSTEM_CERTS=1 # trust what the machine trusts, as pip does
lock="requirements/$1.txt"

# The stamp names everything that decides what gets installed; a wider set than the one asked for is as good.
# The tools' settings below the project's own lines in pyproject.toml install nothing.
fingerprint() {
    { cat "$1" scripts/setup.sh && sed '/^\[tool\./q' pyproject.toml; } | cksum | tr ' ' '-'
}
case $1 in
    local) accepted="local dev bench" ;;
    dev) accepted="dev bench" ;;
    *) accepted=$1 ;;
esac
for set in $accepted; do
    if [ -f ".venv/consign-$set-$(fingerprint "requirements/$set.txt")" ]; then
        exit 0
    fi
done

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then
    python=$(scripts/find-python.sh) || exit 2
    echo "Creating .venv with $python"
    rm -rf .venv
    "$python" -m venv .venv >/dev/null 2>&1 || {
        # Some systems ship Python without ensurepip; uv needs none.
        rm -rf .venv
        uv=$(scripts/find-uv.sh) || {
            echo "$python can create no environment (it lacks ensurepip) and uv could not be fetched: install either" >&2
            exit 2
        }
        "$uv" venv --quiet --python "$python" .venv
    }
fi

echo "Installing what $lock pins"
# uv is ten times faster; pip is asked when uv cannot be had or does not know the machine's package index.
with_uv() {
    uv=$(scripts/find-uv.sh) \
        && "$uv" pip install --quiet --python .venv/bin/python --require-hashes --requirement "$lock" \
        && "$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
}
with_pip() {
    pip=".venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input"
    $pip --require-hashes --requirement "$lock" && $pip --no-deps --no-build-isolation --editable .
}
with_uv || with_pip || {
    echo "could not install what $lock pins: see the errors above" >&2
    exit 2
}
rm -f .venv/consign-*
touch ".venv/consign-$1-$(fingerprint "$lock")"
