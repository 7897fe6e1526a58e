# `make` sets up .venv from the pinned requirements and hands its targets on to invoke: `make site` is `invoke site`.
# Options go into ARGS: make convert ARGS="--archive ../mine --jobs 4"

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m

.DEFAULT_GOAL := help

help: $(VENV)/ready
	@$(RUN) invoke --list
	@echo "Besides: make test, make lint. Options go into ARGS: make convert ARGS=\"--archive DIR\""

site convert build serve check bundle export deploy withdraw rename bench clean: $(VENV)/ready
	@$(RUN) invoke $@ $(ARGS)

test: $(VENV)/ready-to-test
	@$(RUN) pytest --numprocesses auto --dist worksteal $(ARGS)

lint: $(VENV)/ready-to-test
	@$(RUN) ruff format --check . && $(RUN) ruff check . && $(RUN) mypy converters plugins tasks.py

$(VENV)/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Seedbank needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] + "; name another with: make PYTHON=python3.12")'
	@echo "Setting up $(VENV); this is done once"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(RUN) pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/ready-to-test: $(VENV)/ready requirements-dev.txt
	@$(RUN) pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.PHONY: help site convert build serve check bundle export deploy withdraw rename bench clean test lint
