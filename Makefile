# Abonde's everyday commands; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
LOCKED := $(PIP) install --no-build-isolation --require-hashes
UV ?= $(BIN)/uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format types imports unit screens bench messages lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: $(VENV)/.dev ## create .venv with everything a developer needs
demo: $(VENV)/.run ## serve a living demonstration on this machine
	$(BIN)/abonde demo

test: lint types imports $(VENV)/.dev ## check everything, as CI does
	$(BIN)/pytest -n 2 --dist loadgroup

lint: $(VENV)/.dev ## check the style of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.dev ## rewrite the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.dev ## check the types
	$(BIN)/mypy

imports: $(VENV)/.dev ## check that imports follow the arrows
	$(BIN)/lint-imports

unit: $(VENV)/.dev ## run the fast tests only
	$(BIN)/pytest -n 2 -m "not spark" tests/unit

screens: $(VENV)/.dev ## take a picture of every page, on a phone and at a desk, light and dark
	$(BIN)/pytest -q tests/browser/screens.py

bench: $(VENV)/.dev ## measure the engines
	$(BIN)/python -m bench

messages: $(VENV)/.dev ## bring the French catalog up to date with the code
	$(BIN)/python -m translating

lock: ## pin the requirements again (UPDATE=--upgrade takes newer versions)
	$(COMPILE) $(UPDATE) --group pyproject.toml:build --output-file requirements/build.txt
	$(COMPILE) $(UPDATE) pyproject.toml --output-file requirements/run.txt
	$(COMPILE) $(UPDATE) pyproject.toml --extra server --constraints requirements/run.txt --output-file requirements/server.txt
	$(COMPILE) $(UPDATE) pyproject.toml --extra spark --extra server --group build --group dev \
		--constraints requirements/build.txt --constraints requirements/server.txt --output-file requirements/dev.txt

clean: ## remove what these targets made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Abonde needs Python 3.11 or newer: make PYTHON=python3.13 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
		|| { echo "This Python cannot create environments: install its venv module (Debian: python3-venv)."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/build.txt requirements/server.txt | $(VENV)/pyvenv.cfg
	$(LOCKED) -r requirements/build.txt
	$(LOCKED) -r requirements/server.txt
	$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(LOCKED) -r requirements/dev.txt
	@touch $@
