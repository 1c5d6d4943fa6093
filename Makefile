# Two commands do everything on a fresh machine: `make report` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup report test lint notebooks dictionary sample lock clean

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## make the environment in .venv

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; name one: make PYTHON=python3.12 …")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

report: $(READY)  ## read the sample sheet and leave its report in reports/index.html
	$(BIN)/review-sheets report data/raw/sample/2023-文科-22-0241.txt

test: $(READY)  ## all tests: the package, then the notebooks cell by cell (nbval)
	$(BIN)/python -m pytest
	$(BIN)/python -m pytest --nbval --nbval-current-env -p no:cacheprovider notebooks

lint: $(READY)  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

notebooks: $(READY)  ## run the notebooks on the sample again and keep their outputs
	$(BIN)/python -m jupyter nbconvert --to notebook --execute --inplace --ExecutePreprocessor.record_timing=False notebooks/*.ipynb

dictionary: $(READY)  ## write docs/data_dictionary.md again
	(printf '# Data dictionary\n\nWritten by `make dictionary` from `toolkit/tables.py`. Money is whole yen; a ratio of 1.0 is 100 %%.\n\n' && $(BIN)/review-sheets tables --markdown) > docs/data_dictionary.md

sample: $(READY)  ## draw the sample sheet again (needs LibreOffice)
	$(BIN)/python -m tests.form_writer.make_sample

lock:  ## pin the newest versions of everything again
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --editable '.[dev]'
	build/lock/bin/python -m pip freeze --exclude-editable --exclude pip --exclude setuptools | grep -oE '^[A-Za-z0-9._-]+==[^ ;]+' | sort -f > constraints.txt
	rm -rf build/lock

clean:  ## remove what can be rebuilt
	rm -rf data/processed/* reports/*
