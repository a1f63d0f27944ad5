# Everything that is done with this project. `make run` and `make test` do all the set-up they need.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
# durable_rules calls a C function that Python 3.13 took away; its old name is given here (docs/decisions/0002).
export CPPFLAGS := $(CPPFLAGS) -DPyEval_CallObject=PyObject_CallObject
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP := $(BIN)/python -m pip install --quiet --use-pep517 --no-build-isolation

.PHONY: run test check bench soak mutation fuzz format lock sbom screenshots wheel clean

## run: start the questionnaire and print its address (PORT=8001 picks another one)
run: $(VENV)/user
	@$(BIN)/explainer serve --port $(PORT)

## test: set up, check, and run every test
test: check
	@tools/prepare test
	$(BIN)/pytest -n auto

## check: lint, types, and the knowledge in rules/
check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/explainer check

## bench: measure how fast we are, next to other engines that hold the same rules (some minutes; see docs/bench.md)
bench: $(VENV)/bench
	$(BIN)/python -m bench

## soak: explain a million times in one process, and with many workers at once; nothing may differ or grow (up to an hour)
soak: $(VENV)/dev
	$(BIN)/python -m bench.soak

## mutation: change one thing at a time in the code that decides, and see whether a test fails (about a quarter of an hour)
mutation: $(VENV)/mutation
	$(BIN)/mutmut run
	$(BIN)/mutmut results

## fuzz: try a million odd inputs on all that reads what others wrote (about a quarter of an hour)
fuzz: $(VENV)/fuzz
	$(BIN)/python -m fuzz

## format: put the code into its one form
format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

## lock: choose the newest allowed versions of all dependencies and pin them by hash (needs uv)
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --upgrade --quiet \
	  --output-file requirements/user.txt
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --upgrade --quiet \
	  --output-file requirements/dev.txt
	uv pip compile --group pyproject.toml:mutation --constraint requirements/dev.txt --universal --python-version 3.11 \
	  --generate-hashes --no-header --upgrade --quiet --output-file requirements/mutation.txt
	uv pip compile --group pyproject.toml:fuzz --constraint requirements/dev.txt --universal --python-version 3.11 \
	  --generate-hashes --no-header --upgrade --quiet --output-file requirements/fuzz.txt
	uv pip compile --group pyproject.toml:bench --constraint requirements/dev.txt --universal --python-version 3.11 \
	  --generate-hashes --no-header --upgrade --quiet --output-file requirements/bench.txt
	uv pip compile --group pyproject.toml:sbom --constraint requirements/dev.txt --universal --python-version 3.11 \
	  --generate-hashes --no-header --upgrade --quiet --output-file requirements/sbom.txt
	uv pip compile --group pyproject.toml:build --constraint requirements/dev.txt --universal --python-version 3.11 \
	  --generate-hashes --no-header --upgrade --quiet --output-file requirements/build.txt

## sbom: list what the program stands on anew, after `make lock`, in sbom.json (CycloneDX)
sbom: $(VENV)/sbom
	$(BIN)/python tools/sbom.py

## screenshots: take the pictures in docs/ anew
screenshots: $(VENV)/dev
	$(BIN)/python docs/screenshots.py

## wheel: build the package into dist/
wheel: $(VENV)/user
	$(BIN)/hatchling build --target wheel --directory dist

clean:
	rm -rf $(VENV) .fuzz .schemathesis dist mutants

$(VENV)/user: requirements/build.txt requirements/user.txt pyproject.toml
	@echo "Setting up in $(VENV). This takes about half a minute, and only once."
	@tools/prepare
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements/build.txt
	@$(PIP) --require-hashes -r requirements/user.txt
	@$(PIP) --no-deps --editable .
	@touch $@

$(VENV)/dev: $(VENV)/user requirements/dev.txt
	@echo "Setting up what tests need."
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/bench: $(VENV)/dev requirements/bench.txt
	@echo "Setting up what the benchmark needs."
	@$(PIP) --require-hashes -r requirements/bench.txt
	@touch $@

$(VENV)/mutation: $(VENV)/dev requirements/mutation.txt
	@echo "Setting up what mutation needs."
	@$(PIP) --require-hashes -r requirements/mutation.txt
	@touch $@

$(VENV)/fuzz: $(VENV)/dev requirements/fuzz.txt
	@echo "Setting up what fuzzing needs."
	@$(PIP) --require-hashes -r requirements/fuzz.txt
	@touch $@

$(VENV)/sbom: $(VENV)/user requirements/sbom.txt
	@echo "Setting up what the list of dependencies needs."
	@$(PIP) --require-hashes -r requirements/sbom.txt
	@touch $@
