# "make run" serves PedaBot, "make test" runs the whole suite, "make test-services" does so with
# PostgreSQL and Redis (Debian packages: postgresql, redis-server), which it starts and ends itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test test-services lint format translations bench screenshots clean

run: $(VENV)/run.stamp
	@exec $(BIN)/flask serve

test: $(VENV)/test.stamp
	@$(BIN)/python -m pytest

test-services: $(VENV)/test.stamp
	@$(BIN)/python -m tests.services

lint: $(VENV)/test.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/test.stamp
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# The English pages: what is new in the catalogue waits for its translation; tests name it.
CATALOGUE := pedabot/translations/en/LC_MESSAGES/messages.po
translations: $(VENV)/run.stamp
	@$(BIN)/pybabel -q extract -F babel.cfg --no-location --sort-output -o messages.pot .
	@$(BIN)/pybabel -q update -i messages.pot -o $(CATALOGUE) -l en -N --ignore-obsolete --ignore-pot-creation-date
	@rm messages.pot
	@$(BIN)/pybabel -q compile -i $(CATALOGUE) -o $(CATALOGUE:.po=.mo)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt constraints.txt | $(BIN)/python
	@echo "Installing what PedaBot needs into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt
	@touch $@

$(VENV)/test.stamp: requirements-dev.txt $(VENV)/run.stamp
	@echo "Installing what the tests need into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	@touch $@

bench: $(VENV)/test.stamp
	@$(BIN)/python -m benchmarks.streams

screenshots: $(VENV)/test.stamp
	@$(BIN)/python -m tests.browser.screenshots

clean:
	rm -rf $(VENV)
