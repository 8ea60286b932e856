# `make run` and `make test` need nothing else first: they find a fit Python,
# make a virtual environment in .venv and install into it what they need.
#
#   make run  ARGS="--bind 127.0.0.1:9000"    start the gateway
#   make test ARGS="-k gate"                  run the tests
#   make test-conformance                     the same calls to a real JupyterHub and to Hubgate
#   make bench ARGS="-k small-get"            measure beside other proxies; see docs/performance.md
#   make soak                                 the long forms of the tests under load, then an hour of everything
#   make screenshots                          every page, light and dark, wide and narrow, into screenshots/
#   make lint                                 ruff, mypy and the import rules
#   make format                               let ruff rewrite the sources
#   make clean                                remove all environments and caches
#
# PYTHON=/path/to/python chooses the interpreter, VENV=folder the environment.

VENV ?= .venv
BIN  := $(VENV)/bin

# JupyterHub cannot live beside mitmproxy's pins: it has an environment of its own.
HUBGATE_JUPYTERHUB ?= $(CURDIR)/.venv-jupyterhub/bin/python
HUBGATE_JUPYTERHUB_5 ?= $(CURDIR)/.venv-jupyterhub-5/bin/python
HUBGATE_CHP ?= $(CURDIR)/node_modules/.bin/configurable-http-proxy
# Finds what on a page keeps people from using it.
HUBGATE_AXE ?= $(CURDIR)/.axe/node_modules/axe-core/axe.min.js
export HUBGATE_JUPYTERHUB HUBGATE_JUPYTERHUB_5 HUBGATE_CHP HUBGATE_AXE

.PHONY: run test test-conformance bench screenshots soak jupyterhub axe lint format clean

run: $(VENV)/.run
	@exec $(BIN)/hubgate run $(ARGS)

test: $(VENV)/.test
	$(BIN)/pytest $(ARGS)

bench: $(VENV)/.test
	@$(BIN)/python -m tests.benchmarks $(ARGS)

test-conformance: $(VENV)/.test jupyterhub
	HYPOTHESIS_PROFILE=deep $(BIN)/pytest -m conformance $(ARGS)

screenshots: $(VENV)/.test
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

# JupyterHub, its clients and its proxy, where they are missing.
jupyterhub: $(HUBGATE_JUPYTERHUB) $(HUBGATE_JUPYTERHUB_5) $(HUBGATE_CHP)

# An hour of mixed traffic, after gigabytes, a minute of stale tabs and of route changes, ten minutes of captures and
# watchers; SOAK=600 is shorter.
SOAK ?= 3600
soak: $(VENV)/.test
	HUBGATE_LONG=1 $(BIN)/pytest tests/integration/test_streaming.py tests/integration/test_crowds.py \
	    tests/integration/test_revocation.py tests/integration/test_traffic_limits.py \
	    tests/gateway/proxy/test_worker_routes.py $(ARGS)
	HUBGATE_SOAK=$(SOAK) $(BIN)/pytest tests/integration/test_soak.py $(ARGS)

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf $(VENV) .venv-jupyterhub .venv-jupyterhub-5 node_modules .axe build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps depend on pyproject.toml, so a changed dependency is installed.
$(VENV)/.run: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[lab]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[lab,postgres,dev]'
	@touch $@ $(VENV)/.run

$(CURDIR)/.venv-jupyterhub/bin/python: tests/conformance/requirements.txt | $(BIN)/python
	@echo "JupyterHub goes into .venv-jupyterhub"
	@$(BIN)/python -m venv --clear .venv-jupyterhub
	@.venv-jupyterhub/bin/python -m pip install --quiet --disable-pip-version-check -r $< || \
	    { rm -rf .venv-jupyterhub; exit 1; }
	@touch $@

$(CURDIR)/.venv-jupyterhub-5/bin/python: tests/conformance/requirements-5.txt | $(BIN)/python
	@echo "JupyterHub 5 goes into .venv-jupyterhub-5"
	@$(BIN)/python -m venv --clear .venv-jupyterhub-5
	@.venv-jupyterhub-5/bin/python -m pip install --quiet --disable-pip-version-check -r $< || \
	    { rm -rf .venv-jupyterhub-5; exit 1; }
	@touch $@

$(CURDIR)/node_modules/.bin/configurable-http-proxy:
	@npm --version >/dev/null || { echo "JupyterHub's proxy needs node and npm"; exit 1; }
	npm install --prefix $(CURDIR) --no-save --no-package-lock --no-fund --no-audit --loglevel=error \
	    configurable-http-proxy@5.3.0

axe: $(HUBGATE_AXE)

# In a folder of its own: npm removes what else it finds beside what it installs.
$(CURDIR)/.axe/node_modules/axe-core/axe.min.js:
	npm install --prefix $(CURDIR)/.axe --no-save --no-package-lock --no-fund --no-audit --loglevel=error axe-core@4.10.3

# Each candidate is run, because a name on PATH proves nothing: it may be too
# old, a shim without a version behind it, or a Debian python3 without venv.
FIT := import ensurepip, sys, venv; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 15))

$(BIN)/python:
	@for python in "$(PYTHON)" python3 python3.14 python3.13 python3.12; do \
	    if [ -n "$$python" ] && "$$python" -c '$(FIT)' >/dev/null 2>&1; then \
	        echo "$$("$$python" --version) ($$python) makes $(VENV); the first installation takes a minute or two"; \
	        exec "$$python" -m venv --clear $(VENV); \
	    fi; \
	done; \
	if uv --version >/dev/null 2>&1; then \
	    echo "uv makes $(VENV); the first installation takes a minute or two"; \
	    exec uv venv --quiet --seed --clear --python '>=3.12,<3.15' $(VENV); \
	fi; \
	{ echo "Hubgate needs Python 3.12, 3.13 or 3.14 with its venv module, and found none."; \
	  echo "  Debian 13, Ubuntu 24.04:  apt-get install python3 python3-venv"; \
	  echo "  Fedora:                   dnf install python3"; \
	  echo "  anything else:            install uv (https://docs.astral.sh/uv/), make finds it"; \
	  echo "or name one: make run PYTHON=/path/to/python3.13"; } >&2; \
	exit 1
