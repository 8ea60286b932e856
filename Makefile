# `make run` and `make test` need nothing else first: they find a fit Python,
# make a virtual environment in .venv and install into it what they need.
#
#   make run  ARGS="--bind 127.0.0.1:9000"    start the gateway
#   make test ARGS="-k gate"                  run the tests
#   make lint                                 ruff, mypy and the import rules
#   make format                               let ruff rewrite the sources
#   make clean                                remove .venv and all caches
#
# PYTHON=/path/to/python chooses the interpreter, VENV=folder the environment.

VENV ?= .venv
BIN  := $(VENV)/bin

.PHONY: run test lint format clean

run: $(VENV)/.run
	@exec $(BIN)/hubgate run $(ARGS)

test: $(VENV)/.test
	$(BIN)/pytest $(ARGS)

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps depend on pyproject.toml, so a changed dependency is installed.
$(VENV)/.run: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[lab]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[lab,postgres,dev]'
	@touch $@ $(VENV)/.run

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
