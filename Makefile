# Everything a developer, or CI, does here. `make` alone lists it.

PYTHON ?=
API_PORT ?= 8000
FRONT_PORT ?= 1234
BIN := .venv/bin
# pyenv's commands start one version only; tox finds the others here.
PYENV_PATHS = $(shell printf ':%s' $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.*/bin)
# docs/mutation.md and docs/reference/peers.md are generated.
PAGES = $(filter-out docs/mutation.md docs/reference/peers.md,$(shell find *.md docs -name '*.md'))
TEMPLATES = $(shell find corsadmin project -path '*/templates/*' -name '*.html')
export PYTHON
# Tests start many processes: each would compile the app anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: runtime ## Start the demo (API_PORT=8000 FRONT_PORT=1234); Ctrl-C stops it
	@$(BIN)/python manage.py demo --api-port $(API_PORT) --front-port $(FRONT_PORT)

.PHONY: demo-reset
demo-reset: ## Forget the demo's database, so that the story begins again
	rm -f db.sqlite3 db.sqlite3-wal db.sqlite3-shm

.PHONY: check
check: development ## Look without running: format, lint, types, layers, migrations, settings, prose
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djade --check $(TEMPLATES)
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/proselint --config .proselintrc.json check $(PAGES)
	$(BIN)/mypy

.PHONY: test
test: development system-packages ## Run every test, browsers and databases included (CI=1: with coverage)
	@scripts/run-tests $(ARGS)

.PHONY: test-quick
test-quick: development ## Run the tests without servers, browsers and sweeps (AREA=admin: of one area)
	$(BIN)/python -m pytest -m "not slow" $(addprefix tests/,$(AREA)) $(ARGS)

.PHONY: fix
fix: development ## Repair what tools can repair
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade $(TEMPLATES)

.PHONY: messages
messages: development system-packages ## Update the German and Spanish catalogues, and tests/messages
	scripts/make-messages

.PHONY: screenshots
screenshots: development system-packages ## Take the pictures of the docs from the demo
	$(BIN)/python -m tests.browsers.pictures $(ARGS)

.PHONY: bench
bench: development system-packages ## Measure, side by side with other CORS middleware
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: peers
peers: development ## Put other libraries' test cases to the middleware, and write docs/reference/peers.md
	$(BIN)/python -m tests.conformance.peers > docs/reference/peers.md

.PHONY: mutation
mutation: development ## Break the code on purpose, and write docs/mutation.md
	$(BIN)/python -m mutation

.PHONY: matrix
matrix: development system-packages ## Run the tests on every supported Python and Django found here
	PATH="$$PATH$(PYENV_PATHS)" $(BIN)/tox run $(ARGS)

.PHONY: clean
clean: ## Remove the virtual environment and what tools left (the demo's database stays)
	rm -rf .venv .tox build dist *.egg-info .coverage .coverage.* htmlcov test-results
	rm -rf .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: runtime
runtime:
	@scripts/make-venv requirements.txt

.PHONY: development
development:
	@scripts/make-venv requirements-dev.txt

.PHONY: system-packages
system-packages:
	@scripts/install-system-packages
