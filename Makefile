# Care Journey. `make` lists what there is.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
CHECKING := .venv/.checking
TESTING := .venv/.testing
PIP := $(BIN)/pip install -q --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock'

# Where it is set every process compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo check test test-long test-days coverage coverage-all stack stack-local lint types bench screenshots messages figures licences advisories sbom lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(INSTALLED) ## the environment: command at .venv/bin/carejourney

$(INSTALLED): requirements.lock pyproject.toml
	@tools/venv $(PYTHON)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

demo: $(INSTALLED) ## simulated clients and the web app on http://127.0.0.1:8000
	$(BIN)/carejourney demo

$(CHECKING): $(INSTALLED) requirements-test.lock
	$(PIP) --require-hashes -r requirements-test.lock
	@touch $@

# All that tests start, before the first of them: on another day (test-days) no registry's certificate would hold.
$(TESTING): $(CHECKING)
	@tools/browser
	@tools/postgres-local install
	@tools/kafka-local install
	@for folder in axe oidc-provider asyncapi; do tools/npm tools/$$folder || exit 1; done
	@tools/promtool --version >/dev/null
	@tools/fhir-validator/validate </dev/null >/dev/null
	@touch $@

# One worker more than two cores: some wait for what they killed or paused. A file's tests stay together (tests/scheduling.py).
PYTEST := $(BIN)/python -m pytest -n 3
SERVERS := tools/test-servers

check: lint types ## in three minutes: format, lint, types, import contracts, rules, measures, house, each way in
	$(PYTEST) tests/domain tests/projections tests/house tests/smoke

test: $(TESTING) lint types ## the same and all else, on real PostgreSQL, Kafka, Chromium and sign-in provider
	$(SERVERS) $(PYTEST) --durations=25

test-long: $(TESTING) ## nightly: what tries random cases tries many more
	CAREJOURNEY_TEST_LONG=1 $(SERVERS) $(PYTEST) -p randomly --durations=25 --timeout=7200

test-days: $(TESTING) ## nightly: all that is not pure, on days that are unlike others
	tools/test-days

COVERAGE := $(BIN)/python -m coverage

coverage: $(CHECKING) ## branches of domain and projections that their own tests take, and the floor of it
	@mkdir -p var/coverage
	$(COVERAGE) erase
	$(COVERAGE) run -m pytest -n 0 tests/domain tests/projections
	$(COVERAGE) combine -q
	$(COVERAGE) report --include='domain/*' --fail-under=94
	$(COVERAGE) report --include='projections/*' --fail-under=84

coverage-all: $(TESTING) ## branches of all rooms that all tests take; takes much longer than test
	@mkdir -p var/coverage
	$(COVERAGE) erase
	$(SERVERS) $(COVERAGE) run -m pytest -n 2
	$(COVERAGE) combine -q
	$(COVERAGE) report

stack: ## the whole stack in containers: PostgreSQL, Kafka, API, relay, projectors, sign-in, alerts
	CAREJOURNEY_BACKCHANNEL_URL=http://api-1:8000 tools/make-secrets secrets
	docker compose up --build

stack-local: $(TESTING) ## the same processes without containers; stop them by tools/stack-local stop
	tools/stack-local start

lint: $(CHECKING) ## ruff and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(CHECKING) ## pyright, strict
	$(BIN)/pyright

bench: $(TESTING) ## figures beside the limit and the peer
	$(BIN)/python -m tests.bench

screenshots: $(TESTING) ## make docs/images anew from simulated clients
	@tools/browser pictures
	$(BIN)/python -m tests.browser.screenshots

messages: $(TESTING) ## catalogues brought up to date with the texts of the sources; says what has no translation
	$(BIN)/python -m tools.messages

figures: $(TESTING) ## make docs/images/process.svg anew: what pm4py finds in simulated clients
	$(BIN)/python -m tests.figures.process

licences: $(CHECKING) ## the licence of every locked package, against tools/licences/allowed.toml
	$(BIN)/python -m tools.licences

advisories: $(CHECKING) ## known advisories of every locked package; exit 2 where something could not be looked up
	$(BIN)/python -m tools.advisories

sbom: $(CHECKING) ## what the image holds, as CycloneDX JSON: var/care-journey.cdx.json
	$(BIN)/python -m tools.sbom var/care-journey.cdx.json

lock: $(BIN)/uv ## pin every dependency with its hashes
	$(COMPILE) --extra build -o requirements.lock
	$(COMPILE) --extra telemetry -c requirements.lock -o requirements-telemetry.lock
	$(COMPILE) --extra test -c requirements.lock -o requirements-test.lock

# The locked uv alone: a new need must not wait for the whole of the test tools.
$(BIN)/uv:
	@tools/venv $(PYTHON)
	@sed -n '/^uv==/,/[0-9a-f]$$/p' requirements-test.lock >.venv/uv.lock
	$(PIP) --require-hashes -r .venv/uv.lock

clean: ## remove the environment and everything made
	rm -rf .venv var build *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
