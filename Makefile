# Everything a newcomer needs: `make run` talks, `make test` checks. `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
.DEFAULT_GOAL := help
.PHONY: help run test check lint types format soak bench accuracy lock clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(UV): requirements/installer.lock
	@echo "[1/3] making .venv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Frontdesk needs Python 3.11 or newer; run: make run PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { echo "Python's venv module is missing; on Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/installer.lock
	@touch $(UV)

# What the bot runs on. The development set holds all of it, so either stamp will do for `make run`.
.venv/.runtime: requirements/runtime.lock pyproject.toml | $(UV)
	@echo "[2/3] installing what the bot runs on"
	@$(UV) pip sync --python $(BIN)/python --require-hashes requirements/runtime.lock
	@echo "[3/3] installing frontdesk itself"
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@rm -f .venv/.dev && touch $@

.venv/.dev: requirements/dev.lock pyproject.toml | $(UV)
	@echo "[2/3] installing what the bot and its tests run on"
	@$(UV) pip sync --python $(BIN)/python --require-hashes requirements/dev.lock
	@echo "[3/3] installing frontdesk itself"
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch .venv/.runtime && touch $@

run: .venv/.runtime  ## a chat with the bot in this terminal; needs no settings
	@$(BIN)/frontdesk chat

test: .venv/.dev  ## the whole test suite
	$(BIN)/python -m pytest -q -n auto

lint: .venv/.dev  ## format and lint, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/.dev  ## the type checker
	$(BIN)/mypy

format: .venv/.dev  ## format in place and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: lint types test  ## format, lint, types and tests

soak: .venv/.dev  ## the long runs: kills, random walks, 2,000 simulated applicants
	$(BIN)/python -m pytest -q -m soak --timeout 5400 -p no:randomly -s

bench: .venv/.dev  ## figures, beside a yardstick of the same run
	$(BIN)/python -m tests.benchmarks

accuracy: .venv/.dev  ## how often each field's reader and the search are right, where the data is
	$(BIN)/python -m tests.accuracy

lock: $(UV)  ## resolve the locks anew, with hashes and no registry address
	$(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		--extra encoder --extra picture --extra postgres --extra server --group pyproject.toml:build pyproject.toml -o requirements/runtime.lock $(LOCK_FLAGS)
	$(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		-c requirements/runtime.lock --extra encoder --extra picture --extra postgres --extra server --group pyproject.toml:build --group pyproject.toml:dev pyproject.toml \
		-o requirements/dev.lock $(LOCK_FLAGS)

clean:  ## remove what make made (never the database)
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis dist build *.egg-info
