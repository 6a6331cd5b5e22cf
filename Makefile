# One list of commands, the same on a laptop and in CI. `make setup` is called by the others.
.PHONY: setup demo test lint browser check bench mutation faults translations migrations docs lock clean
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UV := $(or $(shell command -v uv 2>/dev/null),$(BIN)/uv)
LOCK := pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11
RUN := env -u DJANGO_SETTINGS_MODULE
DJANGO := PYTHONPATH=$(CURDIR) DJANGO_SETTINGS_MODULE=comity.config.settings $(CURDIR)/$(BIN)/python -m django
# A process of tests for each core; whoever is done takes over what another has not begun.
PARALLEL := -n auto --dist worksteal
# What is tested without a database: the quick half.
CORE := $(addprefix tests/,lib files policy rulebooks history docs)

setup: $(STAMP)

# uv is used if it is there; if not, it is installed, as pinned, into the environment that it then fills. It does not
# read pip's configuration: where only that names a mirror, pip does the same, only slower.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(BIN)/uv: requirements-uv.lock | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

$(STAMP): requirements.lock requirements-dev.lock | $(BIN)/python $(UV)
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.lock \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@echo "$(CURDIR)" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/comity.pth"
	@printf '#!/bin/sh\nexec "%s/python" -m comity "$$@"\n' "$(CURDIR)/$(BIN)" > $(BIN)/comity && chmod +x $(BIN)/comity
	@touch $@

demo: setup
	@$(BIN)/comity demo

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(RUN) $(BIN)/mypy
	$(BIN)/lint-imports
	$(RUN) $(BIN)/python -m comity.cli.docs --check

check: lint
	$(RUN) $(BIN)/python -m pytest -q $(PARALLEL) -m "not long" $(CORE)

# All of it, the core's tests too: with half of the random examples (all: COMITY_TEST_PROFILE=longest), and with real data
# where it is there.
test: export COMITY_TEST_PROFILE ?= long
# The browser waits as often as it works, and what reads the code works on one core: both at once. With PostgreSQL the
# longest come first, so that none is waited for alone, and of the pages each is opened once by each role.
test: setup
	tests/provision.sh
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint browser
	$(RUN) $(BIN)/python -m pytest -q $(PARALLEL) -m "not postgres" tests --ignore=tests/browser
	$(RUN) COMITY_TEST_DATABASE=postgresql $(BIN)/python -m pytest -q $(PARALLEL) -m "not once" tests/faults tests/properties tests/records \
	  tests/actions tests/api tests/web/test_pages.py tests/integrations tests/journeys

# Tests of a file with a marketplace of its own stay together: it is built once.
browser: setup
	$(RUN) $(BIN)/python -m pytest -q -n auto --dist loadfile tests/browser

bench: setup
	$(RUN) $(BIN)/python -m benchmarks

# Small faults put into the core, one at a time: how many of them its tests notice, as JSON. PART=rates tries one part.
mutation: setup
	@$(RUN) $(BIN)/python -m benchmarks.mutation $(if $(PART),--only $(PART))

# Processes killed, databases stopped, disks full, clocks off, while clients write: what was lost or doubled, as JSON.
faults: setup
	@tests/provision.sh >&2
	@$(RUN) $(BIN)/python -m tests.faults

# Gathers the texts of code and pages into each language's django.po, a text a line, and compiles. Run it, translate what
# is new there, and run it again.
translations: export COMITY_SECRET_KEY := only-to-gather-texts
translations: setup
	tests/provision.sh gettext
	cd comity && $(DJANGO) makemessages --all --no-location --no-obsolete --no-wrap
	sed -i.old '/^"POT-Creation-Date: /d' comity/web/locale/*/LC_MESSAGES/django.po && rm comity/web/locale/*/LC_MESSAGES/*.old
	cd comity && $(DJANGO) compilemessages
	@for each in comity/web/locale/*/LC_MESSAGES/django.po; do echo "$$each:"; msgfmt --statistics -o /dev/null $$each; done

migrations: export COMITY_SECRET_KEY := only-to-compare-models
migrations: setup
	@test -n "$(NAME)" || { echo "say what is new: make migrations NAME=orders_are_wrapped" >&2; exit 2; }
	$(DJANGO) makemigrations records -n $(NAME)

docs: setup
	$(RUN) $(BIN)/python -m comity.cli.docs

lock: | $(UV)
	$(UV) $(LOCK) pyproject.toml -o requirements.lock
	$(UV) $(LOCK) --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	echo uv | $(UV) $(LOCK) - -o requirements-uv.lock

clean:
	rm -rf $(VENV) comity-data
