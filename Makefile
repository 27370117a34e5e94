# Jornada: `make demo` to see it, `make test` to test it. Both set up all they need first.
.PHONY: setup demo run test check bench docs lock

VENV := .venv
PY := $(VENV)/bin/python
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

setup: $(VENV)/.done

$(VENV)/.done: requirements-dev.lock package-lock.json pyproject.toml jornada/web/styles/*
	python3 -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(PY) -m jornada.web.styles.build
	touch $@

demo: setup
	$(VENV)/bin/jornada demo

run: setup
	$(VENV)/bin/jornada serve

test: setup
	$(PY) -m pytest -n 2 --dist loadscope -q

check: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/jornada packs check
	$(VENV)/bin/jornada check-safe --rehearsal

bench: setup
	$(PY) -m benchmarks.forms
	$(PY) -m benchmarks.interview
	$(PY) -m benchmarks.assessment
	$(PY) -m benchmarks.clinic
	$(PY) -m benchmarks.screens
	$(PY) -m benchmarks.wages
	$(PY) -m benchmarks.matching
	$(PY) -m benchmarks.planning

docs: setup
	$(PY) -m pytest -q tests/test_documents.py

lock:
	$(VENV)/bin/pip install --quiet uv
	for name in requirements requirements-dev; do \
	  $(VENV)/bin/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --custom-compile-command "make lock" $$name.in -o $$name.lock; done
