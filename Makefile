# setup serve sandbox test check fix bench: the words of this project. Each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup serve sandbox test check fix bench bench-micro bench-instructions bench-budget fuzz chaos soak lock docs
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

setup: $(READY) ## make the virtual environment, from hashes

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

serve: $(READY) ## run the proxy on the built-in sandbox
	$(BIN)/heirloom serve --sandbox

sandbox: $(READY) ## run the sandbox alone
	$(BIN)/heirloom sandbox

test: $(READY) ## run all tests
	$(BIN)/python -m pytest -n 2

check: $(READY) ## lint, types, mappings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/heirloom check

fix: $(READY) ## lint and format in place
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY) ## write the generated pages
	$(BIN)/heirloom docs

bench: $(READY) ## measure end to end; the last line is one JSON object
	$(BIN)/python -m tests.bench.bench_end_to_end

bench-micro: $(READY) ## time what the steps of a call take, area by area; the last line is one JSON object
	$(BIN)/python -m tests.bench.bench_micro

bench-instructions: $(READY) ## count user instructions a request with valgrind; fails where they grew by five per cent
	$(BIN)/python -m tests.bench.instructions

bench-budget: $(READY) ## measure how many reads ten requests a second are worth; the last line is one JSON object
	$(BIN)/python -m tests.bench.bench_budget

N ?= 50000
fuzz: $(READY) ## send N raw requests (N=50000) to a proxy over the sandbox; the last line sums up
	$(BIN)/python -m tests.fuzz --requests $(N)

CALLS ?= 10000
READS ?= 100000
chaos: $(READY) ## let the wire to the upstream fail under CALLS writes and READS reads (10000, 100000), and processes end
	CHAOS_CALLS=$(CALLS) CHAOS_READS=$(READS) $(BIN)/python -m pytest -q -s tests/chaos

REQUESTS ?= 1000000
soak: $(READY) ## send REQUESTS mixed requests (1000000) and hold memory, files and tasks against those after the warm-up
	$(BIN)/python -m tests.chaos.soak --requests $(REQUESTS)

# Needs `uv` on the path. No index address is written.
lock: ## renew the locked requirements
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras --no-emit-index-url pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras --no-emit-index-url pyproject.toml --group dev -o requirements/dev.txt
