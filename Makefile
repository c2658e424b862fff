# `make run` and `make test` need nothing but make, a shell and some Python 3: scripts/setup.sh sees to the rest.
.DEFAULT_GOAL := help
.PHONY: help audit setup setup-run setup-bench run demo test lint format proof bench lock clean
SHELL := /bin/sh
BIN := .venv/bin
DATA ?= data
# One more than the smallest machine has cores: tests of faults wait much (8 minutes instead of 10 on two cores).
TEST_PROCESSES ?= 3

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r target text; do printf '  %-8s %s\n' "$$target" "$$text"; done

run: setup-run ## serve on this machine with embedded Postgres and NATS, data in ./data (DATA=… for another place)
	@exec $(BIN)/consign serve --demo --quiet --data-directory $(DATA)

demo: setup-run ## run a whole sale, from import to settlement, and show the balance
	@exec $(BIN)/consign demo

setup: ## create .venv with everything that development needs
	@scripts/setup.sh dev

setup-run:
	@scripts/setup.sh local

setup-bench:
	@scripts/setup.sh bench

test: lint ## lint, types, import rules, and every test but the long proofs
	$(BIN)/pytest -m "not proof" --numprocesses $(TEST_PROCESSES) --dist worksteal

lint: setup ## ruff, mypy and import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## let ruff format and mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

proof: setup ## every test, the long searches and faults included
	CI=1 $(BIN)/pytest --timeout=1800

bench: setup-bench ## measure, and write build/bench.json
	$(BIN)/python -m bench

audit: ## ask whether a pinned dependency has known vulnerabilities; who cannot be asked is a failure
	@scripts/audit.sh

lock: ## pin the dependencies anew
	scripts/lock.sh

clean: ## remove .venv, build/ and caches; ./data stays
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
