# "make run" serves PedaBot, "make test" runs the whole suite, "make test-services" does so with
# PostgreSQL and Redis (Debian packages: postgresql, redis-server), which it starts and ends itself.
# For a server: "make install" (docs/deployment.md), "make bundle" for one without internet.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A bundle brings the packages along: then nothing is asked of the network.
FROM := $(if $(wildcard wheels),--no-index --find-links wheels)
INSTALL = echo "Installing what PedaBot needs into $(VENV) ..." && $(BIN)/python -m pip install --quiet \
	--disable-pip-version-check $(FROM) -r requirements.txt -c constraints.txt
# Another machine than this one: "--python-version 3.11 --platform manylinux_2_28_x86_64 ...".
BUNDLE_FOR ?=
# What Python 3.11.2 of Debian 12 needs besides; pip asks the Python that makes the bundle.
BUNDLE_ALSO := async-timeout
BUNDLE := dist/pedabot-$(shell git describe --always --dirty 2>/dev/null).tar.gz

.PHONY: run test test-services lint format translations bench screenshots sbom audit install bundle clean

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
	@$(INSTALL)
	@touch $@

$(VENV)/test.stamp: requirements-dev.txt $(VENV)/run.stamp
	@echo "Installing what the tests need into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	@touch $@

bench: $(VENV)/test.stamp
	@$(BIN)/python -m benchmarks.server

# What is installed in .venv, with versions and licences, as CycloneDX.
sbom: $(VENV)/run.stamp $(VENV)-tools/stamp
	@mkdir -p dist
	@PYTHONWARNINGS=ignore $(VENV)-tools/bin/cyclonedx-py environment $(VENV) --pyproject pyproject.toml \
		--gather-license-texts --output-reproducible --of JSON -o dist/pedabot.cdx.json
	@echo "dist/pedabot.cdx.json"

# Known weaknesses of the pinned versions. It needs the network, but not this server: the file is enough.
audit: $(VENV)-tools/stamp
	@$(VENV)-tools/bin/pip-audit --strict --requirement constraints.txt --no-deps --disable-pip || { \
		echo "Either a version above has a known weakness (docs/security.md says what to do), or PyPI did not" \
			"answer: then nothing was checked. Run this on a machine that reaches it; Makefile," \
			"constraints.txt and requirements-tools.txt are enough." >&2; exit 1; }

$(VENV)-tools/stamp: requirements-tools.txt
	@$(PYTHON) -m venv $(VENV)-tools
	@$(VENV)-tools/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-tools.txt || { \
		echo "These tools come from PyPI, which did not answer: run this on a machine that reaches it." >&2; exit 1; }
	@touch $@

screenshots: $(VENV)/test.stamp
	@$(BIN)/python -m tests.browser.screenshots

# The files of a bundle are as old as its commit: their dates do not tell whether something is new.
install: | $(BIN)/python
	@$(INSTALL)
	@touch $(VENV)/run.stamp
	@$(BIN)/python -m compileall -q pedabot migrations wsgi.py

bundle: $(BIN)/python
	@rm -rf dist/pedabot && mkdir -p dist
	@git -c tar.umask=0022 archive --prefix=pedabot/ HEAD | tar -x -C dist
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --only-binary=:all: $(BUNDLE_FOR) \
		-d dist/pedabot/wheels -r requirements.txt $(BUNDLE_ALSO) -c constraints.txt
	@tar -czf $(BUNDLE) -C dist pedabot && rm -r dist/pedabot
	@cd dist && sha256sum $(notdir $(BUNDLE)) | tee $(notdir $(BUNDLE)).sha256

clean:
	rm -rf $(VENV) $(VENV)-tools
