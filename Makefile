# Everything here needs git, make and Python 3.11 to 3.13; nothing else is installed by hand.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# The first Python that fits, newest tested first; name another with `make run PYTHON=/path/to/python`.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)

.DEFAULT_GOAL := help
.PHONY: help run test lint bench chaos mutants reset messages lock browser

help: ## what can be done
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run ## set everything up and start the demo; Ctrl-C stops it
	@exec $(BIN)/python -m config.run

test: $(VENV)/.dev ## the whole suite
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST)

lint: $(VENV)/.dev ## linters, types, import contracts, migrations, settings
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m config.check_deploy

bench: $(VENV)/.dev ## measured ratios, three rounds side by side
	@$(BIN)/python -m tests.bench $(BENCH)

chaos: $(VENV)/.dev ## a run with faults; prints its seed. SEEDS=20: so many, nets off in turn
	@$(BIN)/python -m tests.chaos $(if $(SEEDS),--seeds $(SEEDS)) $(CHAOS)

mutants: $(VENV)/.dev ## planted bugs, each of which the tests have to find
	@$(BIN)/python -m tests.mutants $(MUTANTS)

reset: ## forget the demo's data
	@test ! -x $(BIN)/python || $(BIN)/python -m config.run --stop
	@rm -rf .data
	@echo "The demo's data are gone. 'make run' begins afresh."

browser: ## install Debian's Chromium for the browser tests
	@command -v chromium >/dev/null || (apt-get update -q && apt-get install -y -q chromium)

messages: $(VENV)/.dev ## collect texts for translation and compile them (needs gettext)
	@$(BIN)/python manage.py makemessages -l es -l pt_BR --no-location --no-wrap -i .venv && $(BIN)/python manage.py compilemessages -i .venv

lock: ## renew requirements/*.txt from pyproject.toml (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra embedded pyproject.toml -o requirements/run.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra embedded --group dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and was not found. Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment: install its venv module (Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }

$(VENV)/.run: requirements/run.txt | $(VENV)/bin/python
	@test -f $(VENV)/.dev && test ! $(VENV)/.dev -ot requirements/dev.txt || { echo "Installing what Enlace needs (about a minute, once) …"; $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt; }
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/bin/python
	@echo "Installing what the suite needs (a minute or two, once) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
