# make demo     a class of 24 graded and reported, from nothing
# make test     the tests of the program           make course   those of the assignments, in part
# All set up .venv, the engine and the grading image by themselves, and only when needed.

PYTHON ?= python3
SANDBOX ?= auto
TARGETS ?= numpy
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: setup demo test course check bench certify engine images build report clean

setup: $(VENV)/.core

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "autograder needs Python 3.11 or newer: make PYTHON=python3.12 …" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	    { echo "venv failed; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }

$(VENV)/.core: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable '.[authoring,data,postgresql,ray,dev]'
	@touch $@ $(VENV)/.core

# torch is large, and only assignments need it.
$(VENV)/.course: $(VENV)/.dev
	$(PIP) --editable '.[torch]'
	@touch $@

# Without an engine (or with SANDBOX=local) the local sandbox grades, and every result says so.
demo: $(VENV)/.core
	@grading_docker/sandbox.sh $(SANDBOX) $(BIN)/autograder demo

test: $(VENV)/.dev
	@grading_docker/sandbox.sh $(SANDBOX) $(BIN)/python -m pytest -m 'not course' $(PYTEST)

# Every handout runs, and every hidden suite is proved in part; `make certify` proves all of it.
course: $(VENV)/.course
	@grading_docker/sandbox.sh $(SANDBOX) $(BIN)/python -m pytest -m course tests/functional $(PYTEST)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/autograder build --check
	$(BIN)/autograder lint

bench: TARGETS = numpy torch-cpu
bench: $(VENV)/.dev images
	$(BIN)/python benchmarks/gradient_checker.py
	$(BIN)/python benchmarks/peers.py
	$(BIN)/python benchmarks/assignments.py
	$(BIN)/python benchmarks/batch.py

# All of every hidden suite; `make test` runs a part of it (docs/instructor.md says which).
certify: TARGETS = numpy torch-cpu
certify: $(VENV)/.dev images
	$(BIN)/autograder certify --all

engine:
	grading_docker/engine.sh

images: $(VENV)/.core engine
	$(BIN)/autograder images $(TARGETS)

build: $(VENV)/.course
	$(BIN)/autograder build

report: $(VENV)/.core
	$(BIN)/autograder report

# Everything but the ledger and the reports in results/.
clean:
	rm -rf $(VENV) .venv-* results/demo build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
