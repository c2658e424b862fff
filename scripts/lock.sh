#!/bin/sh
# Pins every dependency with its hashes, without naming an index: the machine's own settings say where to fetch.
set -eu
cd "$(dirname "$0")/.."
export UV_SYSTEM_CERTS=1 # trust what the machine trusts, as pip does
uv=$(scripts/find-uv.sh)

compile() {
    output=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-annotate \
        --no-header --output-file "requirements/$output" "$@"
}

# The widest set decides the versions; the narrower ones are held to them, so that all can share an environment.
compile bench.txt pyproject.toml requirements/build.in --extra local --extra dev --extra bench
compile dev.txt pyproject.toml requirements/build.in --extra local --extra dev --constraint requirements/bench.txt
compile local.txt pyproject.toml requirements/build.in --extra local --constraint requirements/bench.txt
compile runtime.txt pyproject.toml --constraint requirements/bench.txt
compile uv.txt requirements/uv.in
compile audit.txt requirements/audit.in
