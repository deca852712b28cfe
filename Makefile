# Everything a newcomer needs: `make run`, then `make test`. `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 0
FEEDS ?=
LOG ?=

.DEFAULT_GOAL := help
.PHONY: help install run up test test-slow test-faults lint types contracts check format lock clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'
	@echo "  options: FEEDS=file.opml (real feeds), LOG=folder, PORT=number, PYTHON=python3.12"

install: .venv/.installed ## Make .venv with the hash-pinned dependencies

# uv where it can be had, for it is ten times faster; pip with the same hashes where it cannot (another index, no wheel).
.venv/.installed: requirements.lock requirements-uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	  || { echo "Courant needs Python 3.11 to 3.13, and $(PYTHON) is $$($(PYTHON) --version): use make PYTHON=python3.11 ..." >&2; exit 2; }
	@echo "Installing the dependencies into .venv (once; some 230 packages)"
	@$(PYTHON) -m venv .venv
	@{ $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock \
	    && $(BIN)/uv pip install -q --python $(BIN)/python --no-deps --require-hashes -r requirements.lock \
	    && $(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e . ; } 2>.venv/uv.txt \
	  || { echo "uv could not; installing with pip, which takes some minutes" ; \
	    $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock \
	    && $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . ; }
	@touch $@

run: install ## One pass over the sample newsroom in Airflow, and what it found (FEEDS=feeds/world.opml: real feeds)
	@$(BIN)/python -m dags.standalone run --port $(PORT) $(if $(FEEDS),--feeds $(FEEDS)) $(if $(LOG),--log $(LOG))

up: install ## Airflow with the schedule on, until Ctrl-C; prints address, user and password
	@$(BIN)/python -m dags.standalone up $(if $(filter-out 0,$(PORT)),--port $(PORT)) $(if $(FEEDS),--feeds $(FEEDS)) $(if $(LOG),--log $(LOG))

test: install ## All fast tests (under five minutes)
	@$(BIN)/python -m pytest -n 2 --dist loadfile

test-slow: install ## The slow tests: a live Airflow scheduler, kill -9s, the Dockerfile's steps
	@$(BIN)/python -m pytest -m slow -n 2 --dist loadfile --ignore tests/simulation

test-faults: install ## A thousand seeds of the simulation: faults at every step of the pipeline
	@$(BIN)/python -m pytest -m slow -n 2 --dist load tests/simulation

lint: install ## ruff: lint and format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: install ## mypy --strict
	@$(BIN)/mypy

contracts: install ## import-linter: imports run one way
	@$(BIN)/lint-imports

check: lint types contracts test ## All that must hold before a commit

format: install ## Format the code
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lock: install ## Pin the dependencies anew, with hashes
	@for f in requirements requirements-uv; do \
	  $(BIN)/uv pip compile $$( [ $$f = requirements ] && echo pyproject.toml --all-extras || echo requirements-uv.in ) --upgrade \
	    --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -q -o $$f.lock ; done

clean: ## Remove what was made: .venv, .courant (the sample log and Airflow's files), caches
	@rm -rf .venv .courant .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
