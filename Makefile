# The same commands as ./seedbank, which see: `make site` is `./seedbank site`. Options go into ARGS:
#   make convert ARGS="--archive ../mine --jobs 4"

export PYTHON

.DEFAULT_GOAL := help

help:
	@./seedbank
	@echo "Besides: make test, make lint."

COMMANDS := new site convert build serve check bundle export deploy withdraw rename bench clean
# As it was typed: neither make nor a shell looks into it.
$(COMMANDS): export SEEDBANK_ARGS = $(value ARGS)
$(COMMANDS):
	@./seedbank $@

test:
	@./seedbank --set-up --for-tests
	@.venv/bin/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

lint:
	@./seedbank --set-up --for-tests
	@.venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/mypy converters plugins tasks.py launcher.py

.PHONY: help $(COMMANDS) test lint
