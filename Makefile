# Needs Rust (1.94 or newer), a C compiler, make, npm and apt's usual tools. What else is needed is
# fetched once by the targets themselves, checked against pinned hashes, and kept under ~/.cache/headroom.
CARGO ?= cargo
DATA ?= .headroom/demo
ARGS ?=
SECONDS ?= 600
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
UI := dashboards/ui

.PHONY: help demo build test check fmt bench fuzz soak docs ui libchdb test-tools pictures clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: ui libchdb ## build, start everything on this machine with a sample platform, print the addresses
	$(CARGO) build --profile demo --locked --bin headroom
	$(TARGET_DIR)/demo/headroom demo --data $(DATA) $(ARGS)

build: ui ## the release binary with the pages inside
	$(CARGO) build --release --locked --bin headroom

test: ui libchdb test-tools ## every test: pages, crates, and the whole program with real SDKs, psql and a browser
	cd $(UI) && npm test --silent
	$(CARGO) test --workspace --locked

check: ui ## formatting, lints and dependency bans
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	@command -v cargo-deny >/dev/null || $(CARGO) install cargo-deny --locked
	$(CARGO) deny check bans licenses sources

fmt: ## format the Rust sources
	$(CARGO) fmt --all

bench: libchdb ## the benchmarks of docs/benchmarks.md
	deploy/bench

# Sanitizers are not stable in rustc: RUSTC_BOOTSTRAP lets the pinned compiler use them.
fuzz: ## feed the readers of untrusted bytes with garbage, SECONDS=600 each
	@command -v cargo-fuzz >/dev/null || $(CARGO) install cargo-fuzz --locked
	cd fuzz && failed=0 && for target in otlp json log words; do \
		mkdir -p corpus/$$target && RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run $$target corpus/$$target \
			$$(ls -d seeds/$$target 2>/dev/null) -- -max_total_time=$(SECONDS) || failed=1; \
	done; exit $$failed

soak: libchdb ## load for SECONDS=600 while processes are killed, the store is cut off and the disk fills up
	HEADROOM_SOAK_SECONDS=$(SECONDS) $(CARGO) test --release --locked -p headroom-ingest --test it soak:: -- --nocapture

docs: ## the Rust documentation of every crate
	$(CARGO) doc --workspace --no-deps --locked

ui: $(UI)/dist/index.html ## the web pages

$(UI)/node_modules/.package-lock.json: $(UI)/package-lock.json
	@echo "pages: installing npm packages (once)"
	cd $(UI) && npm ci --silent --no-audit --no-fund
	@touch $@

# The views and columns that the SQL page completes are those of its guide.
$(UI)/dist/index.html: $(UI)/node_modules/.package-lock.json docs/sql.md $(shell find $(UI)/src $(UI)/index.html $(UI)/public -type f 2>/dev/null)
	cd $(UI) && npm run build --silent
	@touch $@

libchdb: ## the embedded ClickHouse library, in the cache
	@deploy/fetch-libchdb >/dev/null

test-tools: ## chromium, psql, a PostgreSQL server and the OpenTelemetry SDKs that the tests drive
	@deploy/fetch-test-tools >/dev/null

pictures: ## take the pictures of the README from a running demo (DATA names its folder)
	cd $(UI) && HEADROOM_DEMO_JSON=$(abspath $(DATA))/demo.json node e2e/pictures.mjs

clean: ## remove what was built here
	$(CARGO) clean
	rm -rf $(UI)/dist $(UI)/node_modules tests/sdk/node/node_modules
