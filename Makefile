# Everything that is done with this project. `make run` and `make test` do all the set-up they need.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
# durable_rules calls a C function that Python 3.13 took away; its old name is given here (docs/decisions/0002).
export CPPFLAGS := $(CPPFLAGS) -DPyEval_CallObject=PyObject_CallObject
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP := $(BIN)/python -m pip install --quiet --use-pep517 --no-build-isolation
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade --quiet

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
	@tools/prepare bench
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
	$(LOCK) pyproject.toml --output-file requirements/user.txt
	$(LOCK) pyproject.toml --group dev --output-file requirements/dev.txt
	for group in bench build fuzz mutation sbom; do \
	  $(LOCK) --group pyproject.toml:$$group --constraint requirements/dev.txt --output-file requirements/$$group.txt || exit; \
	done

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

$(VENV)/dev $(VENV)/sbom: $(VENV)/user
$(VENV)/bench $(VENV)/fuzz $(VENV)/mutation: $(VENV)/dev

$(VENV)/bench $(VENV)/dev $(VENV)/fuzz $(VENV)/mutation $(VENV)/sbom: $(VENV)/%: requirements/%.txt
	@echo "Setting up what is needed besides, from requirements/$*.txt."
	@$(PIP) --require-hashes -r requirements/$*.txt
	@touch $@
