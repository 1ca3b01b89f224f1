# Wicketgate: everyday commands. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Builds may be kept elsewhere (CARGO_TARGET_DIR); plugins are put where config/wicketgate.toml looks for them.
TARGET := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
PLUGINS := target/plugins
BENCH_PLUGINS := target/bench-plugins
CLIENT := target/client
BUNDLED := asset auth example map print

# $(call install,COMMAND,PACKAGE): installs a Debian package when root, else says what to do.
install = command -v $(1) >/dev/null || { \
	[ "$$(id -u)" = 0 ] || { echo "$(1) is missing. Run: sudo apt-get install $(2)" >&2; exit 1; }; \
	echo "installing $(2)"; apt-get update -qq && apt-get install -y -qq --no-install-recommends $(2) >/dev/null; }

# $(call plugins,PROFILE_DIR): puts the bundled plugins where the gateway looks for them.
plugins = install -d -m 755 $(PLUGINS); $(foreach name,$(BUNDLED), \
	install -m 644 $(TARGET)/$(1)/libwicketgate_$(name).so $(PLUGINS)/$(name).so;)

# $(call npm,FOLDER): installs what a package.json asks for, as its lock file says, unless it is there.
npm = [ $(1)/node_modules/.package-lock.json -nt $(1)/package-lock.json ] || { \
	$(call install,npm,nodejs npm); npm ci --prefix $(1) --ignore-scripts --no-audit --no-fund --silent; touch $(1)/node_modules/.package-lock.json; }

# Installs what the requirements files ask for into target/python, unless it is there.
REQUIREMENTS := tests/openapi/requirements.txt tests/redbot/requirements.txt
python = [ -z "$$(find $(REQUIREMENTS) -newer target/python/done 2>&1)" ] || { \
	python3 -c 'import ensurepip' 2>/dev/null || { $(call install,python3-venv,python3-venv); }; \
	python3 -m venv target/python; target/python/bin/pip install --quiet $(addprefix --requirement ,$(REQUIREMENTS)); touch target/python/done; }

# Installs PostgreSQL for the tests, which start a server of their own: none runs by itself.
postgresql = ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
	$(call install,pg_lsclusters,postgresql-common); [ "$$(id -u)" != 0 ] || echo 'create_main_cluster = false' >> /etc/postgresql-common/createcluster.conf; \
	$(call install,PostgreSQL,postgresql); }

.PHONY: help
help: ## list these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-8s %s\n", $$1, $$2 }'

.PHONY: tools
tools: # what every build needs: a C compiler, and cmake for pingora's zlib
	@command -v cargo >/dev/null || { echo "cargo is missing. Install Rust: https://rustup.rs" >&2; exit 1; }
	@$(call install,cc,gcc libc6-dev)
	@$(call install,cmake,cmake)

.PHONY: dev
dev: tools # gateway and plugins, as `run` and `spec` use them
	@cargo build
	@chmod 600 config/users*.toml
	@$(call plugins,debug)

.PHONY: run
run: spec ## build, and serve config/wicketgate.toml on http://127.0.0.1:8080
	@echo
	@echo "Three things to try from another terminal (Ctrl-C ends the gateway):"
	@echo "  curl http://127.0.0.1:8080/"
	@echo "  curl http://127.0.0.1:8080/_ -H 'content-type: application/json' -d '{\"cmd\":\"exampleHello\",\"params\":{\"color\":\"blue\"}}'"
	@echo "  http://127.0.0.1:8080/gws-client/ in a browser: all commands, to be tried there"
	@echo
	@exec $(TARGET)/debug/wicketgate serve

.PHONY: build
build: tools ## release build: target/release/wicketgate, plugins in target/plugins/
	@cargo build --release
	@$(call plugins,release)

.PHONY: spec
spec: dev ## write the specs of the bundled plugins to spec/generated/
	@$(TARGET)/debug/wicketgate spec
	@$(MAKE) --no-print-directory client

# What of Swagger UI the page needs.
SWAGGER := swagger-ui-bundle.js swagger-ui-bundle.js.LICENSE.txt swagger-ui.css favicon-32x32.png LICENSE NOTICE

.PHONY: client
client: # the client folder that config/wicketgate.toml serves at /gws-client/: the generated client, and a page to try commands
	@install -d -m 755 $(CLIENT)/swagger-ui
	@install -m 644 spec/client/page/* spec/generated/openapi.json spec/generated/client.js spec/generated/client.d.ts $(CLIENT)
	@if command -v npm >/dev/null || [ "$$(id -u)" = 0 ]; then \
		$(call npm,spec/client); \
		install -m 644 $(addprefix spec/client/node_modules/swagger-ui-dist/,$(SWAGGER)) $(CLIENT)/swagger-ui; \
	else echo "npm is missing, so /gws-client/ can't show the commands. Run: sudo apt-get install nodejs npm"; fi

.PHONY: bundle
bundle: # the part that all generated clients share, after a change in spec/client/
	@$(call npm,spec/client)
	@cd spec/client && npm run --silent bundle

.PHONY: check
check: dev client ## check the configurations in config/
	@$(call install,openssl,openssl)
	@[ -f config/certificates/example.key ] || { install -d -m 755 config/certificates; \
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=www.example.org \
			-keyout config/certificates/example.key -out config/certificates/example.crt 2>/dev/null; }
	@for file in $(filter-out config/users%,$(wildcard config/*.toml)); do $(TARGET)/debug/wicketgate check --config "$$file"; done

.PHONY: test
test: tools ## run all tests
	@$(call install,curl,curl)
	@$(call install,openssl,openssl)
	@$(call install,chromium,chromium)
	@$(postgresql)
	@$(call npm,tests/browser)
	@$(python)
	@$(MAKE) --no-print-directory client
	@cargo build --package wicketgate --package wicketgate-probe --package wicketgate-shape $(BUNDLED:%=--package wicketgate-%)
	@cargo test --workspace --exclude wicketgate-bench

.PHONY: lint
lint: tools ## formatting, clippy, whether spec/generated/ is up to date, and whether config/ is in order
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --quiet -- -D warnings
	@cargo build
	@fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
		$(foreach name,$(BUNDLED),install -D -m 644 $(TARGET)/debug/libwicketgate_$(name).so "$$fresh/plugins/$(name).so";) \
		printf '[plugins]\ndir = "plugins"\nspecs = "specs"\n' > "$$fresh/spec.toml"; \
		awk '/^\[/ { kept = /^\[\[mounts\]\]/ } kept' config/wicketgate.toml >> "$$fresh/spec.toml"; \
		$(TARGET)/debug/wicketgate spec --config "$$fresh/spec.toml"; \
		diff -ru spec/generated "$$fresh/specs" || { echo "spec/generated/ is stale. Run: make spec" >&2; exit 1; }
	@was=$$(mktemp); trap 'rm -f "$$was"' EXIT; cp spec/client/runtime.bundle.js "$$was"; $(MAKE) --no-print-directory bundle; \
		diff -u "$$was" spec/client/runtime.bundle.js || { echo "spec/client/runtime.bundle.js was stale. Commit it" >&2; exit 1; }
	@$(MAKE) --no-print-directory check

.PHONY: bench
bench: build ## measure files beside nginx, Caddy and static-web-server, commands beside bare pingora and with mounts, uploads, the reader beside serde (40 minutes)
	@$(call install,wrk,wrk)
	@$(call install,h2load,nghttp2-client)
	@$(call install,openssl,openssl)
	@[ -x /usr/sbin/nginx ] || { $(call install,nginx,nginx-light); }
	@$(call install,caddy,caddy)
	@[ -x $(TARGET)/tools/bin/static-web-server ] || cargo install --locked static-web-server --version 2.44.1 --root $(TARGET)/tools
	@$(call install,valgrind,valgrind)
	@cargo build --release --package wicketgate-bench --package wicketgate-shape
	@install -d -m 755 $(BENCH_PLUGINS); $(foreach name,example shape,install -m 644 $(TARGET)/release/libwicketgate_$(name).so $(BENCH_PLUGINS)/$(name).so;)
	@STATIC_WEB_SERVER=$(abspath $(TARGET))/tools/bin/static-web-server $(TARGET)/release/files $(TARGET)/release $(PLUGINS)
	@$(TARGET)/release/compare $(TARGET)/release $(PLUGINS)
	@$(TARGET)/release/callers $(TARGET)/release $(PLUGINS)
	@$(TARGET)/release/mounts $(TARGET)/release $(BENCH_PLUGINS)
	@$(TARGET)/release/counted

.PHONY: fuzz
fuzz: tools ## look for inputs that break the reader: TARGET=json (or msgpack, soft, message), TIME=60; needs a nightly toolchain
	@cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz
	@cargo +nightly fuzz run --fuzz-dir tests/fuzz/targets $(or $(TARGET),json) -- -max_total_time=$(or $(TIME),60)

.PHONY: clean
clean: ## remove everything that was built
	@cargo clean
	@rm -rf target data
