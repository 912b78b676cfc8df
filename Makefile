# Chengban: every target does its own set-up (virtual environment, packages, fonts, bundles, catalogues).
SHELL := /bin/sh
PYTHON := $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test demo bench check clean-data

run: ## Serve the web and the scheduler with the demonstration on 127.0.0.1:8000 (PORT, CHENGBAN_DATA)
	@$(PYTHON) setup/prepare.py run
	@exec $(BIN)/python -m setup.serve

test: ## Run every test: SQLite, PostgreSQL, Chromium, on all cores (T="-n0 tests/rules -x" for some, on one)
	@$(PYTHON) setup/prepare.py test
	@exec $(BIN)/python -m pytest --numprocesses=auto $(T)

demo: ## Play the whole Jilin case without a browser; papers, open data and summary.json go to out/
	@$(PYTHON) setup/prepare.py run
	@exec $(BIN)/flask demo play --out out

bench: ## Measure against named baselines and print ratios (B="portal" for some)
	@$(PYTHON) setup/prepare.py test
	@$(BIN)/python -m setup.data
	@exec $(BIN)/python -m bench $(B)

check: ## Lint, import directions, types
	@$(PYTHON) setup/prepare.py test
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy

clean-data: ## Remove the demonstration's data; the next `make run` loads it anew
	@$(PYTHON) setup/prepare.py run
	@$(BIN)/python -m setup.clean_data

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
