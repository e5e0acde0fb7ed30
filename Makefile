# Needs GNU make and Python 3.11 or newer, nothing else; everything is installed into .venv.
# Passed on to the programs: JSON, DATA, LIMIT, CLARION_PORT, CLARION_WEB_PORT. PYTHON3 names the interpreter to use.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help dev demo hillstrom test check openapi bench build deploy down reset

PYTHON := .venv/bin/python
READY := .venv/.ready
RUNTIME ?= python3.13
ARCHITECTURE ?= arm64
PYTHON3 ?=
export JSON DATA LIMIT
export SAM_CLI_TELEMETRY := 0

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F '\t' '{printf "  make %-10s %s\n", $$1, $$2}'

dev: $(READY) ## the local stack in the foreground, with its URLs; Ctrl-C stops it and keeps its state
	@exec $(PYTHON) -m local dev

demo: $(READY) ## the main job on a sample: import, launch, delivery, opens, clicks, report (JSON=1)
	@$(PYTHON) -m local.demo

hillstrom: $(READY) ## the main job on the Hillstrom file: DATA=path.csv (LIMIT=n, JSON=1)
	@$(PYTHON) -m local.hillstrom

test: $(READY) ## every test: unit, routes, contracts, then end to end on a local stack of its own
	$(PYTHON) -m pytest -n auto --dist worksteal -m "not stack"
	$(PYTHON) -m pytest -m stack tests/stack

check: $(READY) ## format, lint, types, template
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy layers/shared/clarion functions local tools tests
	AWS_DEFAULT_REGION=us-east-1 SAM_CLI_CHECK_VERSION=0 .venv/bin/sam validate --lint

openapi: $(READY) ## write docs/openapi.json from the handlers
	$(PYTHON) -m tools.openapi

bench: $(READY) ## the benchmarks of bench/
	$(PYTHON) -m bench

build: $(READY) ## build what AWS gets (RUNTIME=python3.13, ARCHITECTURE=arm64)
	@set -e; export PATH="$(CURDIR)/.venv/bin:$$PATH" RUNTIME=$(RUNTIME) ARCHITECTURE=$(ARCHITECTURE); \
	if ! $(RUNTIME) --version >/dev/null 2>&1; then \
		echo "error: no working $(RUNTIME) found; install it or name another: make $@ RUNTIME=python3.12" >&2; exit 1; \
	fi; \
	PYTHON=$(RUNTIME) sam build --cache-dir .aws-sam/cache-$(RUNTIME)-$(ARCHITECTURE) --parameter-overrides "Runtime=$(RUNTIME) Architecture=$(ARCHITECTURE)"

deploy: build ## deploy to the AWS account your credentials name, after showing the changes
	.venv/bin/sam deploy --parameter-overrides "Runtime=$(RUNTIME) Architecture=$(ARCHITECTURE) $(PARAMETERS)"

down: $(READY) ## stop the local stack; its state is kept
	@$(PYTHON) -m local down

reset: $(READY) ## stop the local stack and forget everything in it
	@$(PYTHON) -m local reset

$(READY): requirements-dev.txt constraints.txt layers/shared/requirements.txt
	@set -e; \
	if ! $(PYTHON) -m pip --version >/dev/null 2>&1; then \
		echo "1/4 looking for Python 3.11 or newer"; \
		found=; \
		for candidate in "$(PYTHON3)" python3.13 python3.12 python3.11 python3 python; do \
			if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
				found=$$candidate; break; \
			fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo "error: no Python 3.11 or newer found; install one or name it: make PYTHON3=/path/to/python3" >&2; \
			exit 1; \
		fi; \
		if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
			echo "error: $$found cannot create a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; \
			exit 1; \
		fi; \
		echo "2/4 creating .venv with $$("$$found" --version)"; \
		"$$found" -m venv --clear .venv; \
	fi; \
	echo "3/4 installing the pinned packages, some minutes the first time"; \
	if ! $(PYTHON) -m pip install --quiet --no-compile --disable-pip-version-check -r requirements-dev.txt; then \
		echo "error: the packages of requirements-dev.txt could not be installed; pip says why above" >&2; \
		exit 1; \
	fi; \
	echo "4/4 ready"; \
	touch $@
