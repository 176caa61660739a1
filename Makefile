# Needs Python 3.11 or newer, git and make. Everything is installed into this folder.
PYTHON ?= python3
UV := .tools/bin/uv
RUN := $(UV) run --frozen --no-sync

.PHONY: demo test check lint types setup clean

demo: setup                ## set up and start the demo at http://127.0.0.1:7860
	$(RUN) rundblick demo

test: setup                ## set up and run the tests
	$(RUN) pytest -q -n 2 --dist loadfile

check: lint types test     ## what CI runs

lint: setup                ## style of code
	$(RUN) ruff format --check .
	$(RUN) ruff check .

types: setup               ## types of code
	$(RUN) mypy

setup: .venv/.ready        ## the environment in .venv, by uv in .tools

$(UV):
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check uv

.venv/.ready: $(UV) pyproject.toml uv.lock
	$(UV) sync --frozen --all-extras --quiet
	@touch $@

clean:                     ## remove everything these commands made
	rm -rf .tools .venv .demo .rundblick .mypy_cache .ruff_cache .pytest_cache .hypothesis
