# `make scenarios` and `make test` do all their own set-up on a fresh clone.

WORKERS ?= 4
MINUTES ?= 60
SEED ?= 1
ARGS ?=
CATALOGUE := 1.220.0,1.221.0,1.222.0,1.223.0,1.224.0,1.225.0,1.226.0,1.227.0,1.228.0,1.229.0,1.230.0,1.231.0
PYTHON := .venv/bin/python
MAKEFLAGS += --no-print-directory

.PHONY: help setup scenarios nightly test lint types walls tests bench prove catalogue lock clean

help:
	@echo 'make scenarios   play every scenario (WORKERS=$(WORKERS) processes, 0: in one; ARGS="-k name": pytest'\''s options)'
	@echo 'make nightly     play them again and again, each time with another seed, for MINUTES=$(MINUTES), from SEED=$(SEED)'
	@echo 'make test        the harness itself: lint, types, walls, tests (ARGS as above)'
	@echo 'make bench       measure speed and cost (ARGS=venue: the venue alone)'
	@echo 'make prove       plant bugs and see them caught; 200 benign runs and no report'
	@echo 'make catalogue   play every known bug on every release 1.x; writes reports/truth_table.md'
	@echo 'make setup       .venv and the servers; the targets above do it when needed'
	@echo 'make lock        renew requirements.lock (needs uv; ARGS=--upgrade: to the newest releases)'
	@echo 'make clean       remove .venv, caches and run directories'

setup:
	@scripts/bootstrap

scenarios: setup
	$(PYTHON) -m pytest scenarios/ -v -n $(WORKERS) --dist worksteal $(ARGS)

# Ends with the first round that is not green; one that has begun is played to its end.
nightly: setup
	@end=$$(($$(date +%s) + 60 * $(MINUTES))); seed=$(SEED); \
	while echo "seed $$seed"; do \
		$(PYTHON) -m pytest scenarios/ -q -n $(WORKERS) --dist worksteal --chaos-seed $$seed $(ARGS) || exit; \
		[ $$(date +%s) -lt $$end ] || break; \
		seed=$$((seed + 1)); \
	done; \
	echo "seeds $(SEED) to $$seed: all green"

test: lint types walls tests

lint: setup
	$(PYTHON) -m ruff check --output-format concise .
	$(PYTHON) -m ruff format --check .

types: setup
	$(PYTHON) -m mypy

walls: setup
	.venv/bin/lint-imports --no-logo

tests: setup
	$(PYTHON) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

bench: setup
	$(PYTHON) -m tests.benchmarks $(ARGS)

prove: setup
	.venv/bin/nautilus-chaos prove $(ARGS)

# A bug that is not seen as it is known fails the play too; the table tells where.
catalogue: setup
	$(PYTHON) -m pytest scenarios/test_known_bugs.py scenarios/test_upstream_bugs.py -q -n $(WORKERS) --nautilus $(CATALOGUE) $(ARGS); \
	played=$$?; .venv/bin/nautilus-chaos truth-table && exit $$played

lock:
	uv pip compile pyproject.toml --group build --group dev --group conformance --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet --output-file requirements.lock $(ARGS)

clean:
	rm -rf .venv .venv.lock .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	[ ! -d reports ] || find reports -mindepth 1 -maxdepth 1 ! -name truth_table.md -exec rm -rf {} +
	find . -name __pycache__ -prune -exec rm -rf {} +
