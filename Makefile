# Everything a person or a machine does with Critique. `make help` lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.ONESHELL:
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
PORT ?= 5000
CRITIQUE_DATA ?= ./var
CRITIQUE_DEMO ?= 1
export PORT CRITIQUE_DATA CRITIQUE_DEMO

VENV := .venv
BIN := $(VENV)/bin
UV := 0.13.9

.PHONY: help run setup test ci lint types contracts format bench migration lock clean doctor

help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: setup ## Run Critique: web and worker (PORT=5000 CRITIQUE_DATA=./var CRITIQUE_DEMO=1)
	@exec $(BIN)/critique run

setup: $(VENV)/.runtime static/vendor/.stamp ## Set up everything `make run` needs

test: $(VENV)/.dev static/vendor/.stamp ## Run all tests, in the browser too
	@$(BIN)/python -m tests.chromium
	PYTEST_DEBUG_TEMPROOT="$$($(BIN)/python -m tests.scratch)" \
	  TEST_POSTGRES_URL="$$($(BIN)/python -m tests.postgres)" $(BIN)/pytest -q -n 3 --dist loadgroup

ci: lint types contracts test ## What CI runs: lint, types, contracts, tests

lint: $(VENV)/.dev static/vendor/.stamp ## Lint Python, templates and scripts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python -m critique.static_build --check

types: $(VENV)/.dev ## Check types
	$(BIN)/mypy

contracts: $(VENV)/.dev ## Check which room may know which
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev static/vendor/.stamp ## Print the figures, as ratios to a rival
	$(BIN)/python -m bench

doctor: setup ## List what is misconfigured or missing
	@$(BIN)/critique doctor

lock: $(VENV)/bin/uv ## Write the lock files anew
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --no-emit-index-url \
	  --no-annotate --no-header --generate-hashes -o requirements.lock -q
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	  --no-emit-index-url --no-annotate --no-header --generate-hashes -c requirements.lock \
	  -o requirements-dev.lock -q

clean: ## Remove what was built, keep the data
	rm -rf $(VENV) node_modules static/vendor

$(VENV)/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Critique needs Python 3.11 or newer. Nothing was changed; try: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/uv
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps -e .
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.lock
	touch $@

# Icons are chosen by what the templates and scripts use, so these are part of the build.
static/vendor/.stamp: package-lock.json $(VENV)/.runtime $(shell find templates static/js -type f 2>/dev/null)
	$(BIN)/python -m critique.static_build
	@mkdir -p static/vendor && touch $@
