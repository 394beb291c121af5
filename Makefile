# Every target sets up what it needs. VENV and PYTHON choose another environment: make test VENV=.venv-3.10 PYTHON=python3.10
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CORES := $(shell getconf _NPROCESSORS_ONLN)
# One more than work at once: while it waits for a server or a time-out, the others have the processors.
JOBS ?= $(shell expr $(CORES) + 1)
PYTEST = $(BIN)/pytest -n $(JOBS) --dist loadgroup --no-loadscope-reorder
# The tests start a hundred processes: what one has compiled is there for the next, whatever the shell prefers.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test test-fast lint check build bench fuzz mutants live live-clean format docs picture lock clean
.DEFAULT_GOAL := demo

demo: $(READY)
	@$(BIN)/snapimage demo

test: $(READY) .stamps/node
	@$(PYTEST) $(TESTS)

# What answers while you still remember what you typed: the rules, without the searches.
test-fast: $(READY)
	@$(PYTEST) -m "not slow" tests/unit

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint
	@$(MAKE) --no-print-directory test

build: $(READY)
	@$(BIN)/snapimage build

# Some minutes; machines differ, so look at the ratios. The JSON is in .cache/bench.json.
bench: $(READY)
	@$(BIN)/snapimage bench

# For longer than the tests do: make fuzz EVENTS=1000000
fuzz: $(READY)
	@cd tests && $(abspath $(BIN))/python -m fuzz --events $(or $(EVENTS),200000)

# Asks a real account what docs/real-account.md leaves open. Without CONFIRM=yes it only says what it would make.
live: $(READY)
	@cd tests && LIVE=1 $(abspath $(BIN))/python -m live $(if $(JSON),--json $(abspath $(JSON)))

live-clean: $(READY)
	@cd tests && LIVE=1 $(abspath $(BIN))/python -m live --clean

# What no test notices: small changes in shared/, some minutes. Others: make mutants SEED=2 COUNT=60
mutants: $(READY)
	@cd tests && $(abspath $(BIN))/python -m mutation --jobs $(CORES) --seed $(or $(SEED),1) --count $(or $(COUNT),200)

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# What README and docs show, the schema and its examples, written anew from the code.
docs: $(READY)
	@mkdir -p schema/examples
	@$(BIN)/python -c 'from ops.docs.generate import write_files; write_files()'
	@$(BIN)/cog -r -P README.md README.ja.md docs/*.md

# The picture of the page of a made-up fleet; needs a Chromium.
picture: $(READY)
	@$(BIN)/python -c 'from ops.docs.page_picture import take_picture; take_picture()'

$(READY): requirements/dev.txt requirements/aliyun-mns.txt requirements/install.sh pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "SnapImage needs Python 3.10 or newer: make PYTHON=...")'
	@echo "Setting up $(VENV), once; it takes half a minute"
	@requirements/install.sh $(PYTHON) $(VENV)
	@touch $@

# Node, where there is one, reads our queue with the vendor's own client. Beside the environments, which share it.
.stamps/node: tests/node/package-lock.json
	@if command -v npm >/dev/null; then echo "Getting the Node packages of the tests, once"; cd tests/node && npm ci --ignore-scripts --no-audit --no-fund --silent; fi
	@mkdir -p $(@D) && touch $@

# For maintainers: needs uv. The lock names no index, so that everybody's own is used.
lock:
	uv pip compile --quiet --upgrade pyproject.toml --extra ops --extra dev --universal --python-version 3.10 \
	  --generate-hashes --no-header --no-emit-index-url --no-emit-find-links -o requirements/dev.txt
	uv pip compile --quiet pyproject.toml -c requirements/dev.txt --universal --python-version 3.10 \
	  --generate-hashes --no-header --no-emit-index-url --no-emit-find-links -o requirements/functions.txt

clean:
	rm -rf .venv .venv-* .stamps tests/node/node_modules build .cache .mypy_cache .ruff_cache .pytest_cache
