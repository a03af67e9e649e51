# Everything a contributor runs. `make help` lists the targets. Nothing here needs Docker, an account or a key.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

GOLANGCI_VERSION := 2.15.0
GOTESTSUM_VERSION := v1.13.0
ACTIONLINT_VERSION := v1.7.12
GITLEAKS_VERSION := v8.30.1
GOVULNCHECK_VERSION := v1.8.0
BUF := infra/devtools/node_modules/.bin/buf
DEVTOOLS := infra/devtools/node_modules/.package-lock.json
PLATFORM_PACKAGES := apps/platform/node_modules/.package-lock.json
# The same folder as infra/local uses for what it fetches.
CACHE = $(or $(CHIMERA_CACHE),$(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME)/chimera,$(if $(filter 0,$(shell id -u)),/var/cache/chimera,$(HOME)/.cache/chimera)))
GOLANGCI = $(CACHE)/bin/golangci-lint-$(GOLANGCI_VERSION)
# The environment's USER is who you are on this machine; only `make token USER=…` means a demo user.
DEMO_USER := $(if $(filter command line,$(origin USER)),$(USER),operator)
PACKAGES ?= ./...

##@ Run
.PHONY: demo
demo: .bin/demo ## Start the whole system on this machine; Ctrl-C stops it (DEMO_ORCHESTRATORS=2: two replicas, DEMO_PLATFORM=0: no Platform)
	@exec .bin/demo up

.PHONY: smoke
smoke: .bin/demo ## Do the main job through the public API (PLATFORM=pds: onto a real AT Protocol server)
	@exec .bin/demo smoke

.PHONY: token
token: .bin/demo ## Print an access token (USER=reviewer)
	@exec .bin/demo token $(DEMO_USER)

.PHONY: up down clean
up: .bin/demo ## Start the system in the background (STACK=compose: as containers; also for down, smoke, token, clean)
	@exec .bin/demo start
down: .bin/demo ## Stop a system that runs
	@exec .bin/demo down
clean: .bin/demo ## Delete the demo's data: secrets, database, posts
	@exec .bin/demo clean

.PHONY: run-platform run-orchestrator run-worker
run-platform: .bin/demo $(PLATFORM_PACKAGES) ## A development server of the Platform from the working tree, against a running demo
	@exec .bin/demo run platform
run-orchestrator: .bin/demo ## One more orchestrator from the working tree beside a running demo, log in this terminal
	@exec .bin/demo run orchestrator
run-worker: .bin/demo ## One more worker from the working tree beside a running demo
	@exec .bin/demo run worker

##@ Change
.PHONY: setup
setup: $(DEVTOOLS) ## Fetch what development needs, and switch the git hooks on
	go mod download
	git config core.hooksPath infra/githooks

.PHONY: generate
generate: $(DEVTOOLS) ## Generate Go and TypeScript from proto/
	$(BUF) generate

.PHONY: format
format: $(DEVTOOLS) $(GOLANGCI) ## Format Go and Protobuf
	$(GOLANGCI) fmt
	$(BUF) format -w

.PHONY: build
build: ## Compile everything
	go build ./...

##@ Check
.PHONY: test
test: ## All tests, on real parts (from CHIMERA_TEST_*_URL, else containers where Docker answers, else started here)
	@mkdir -p .bin
	go run gotest.tools/gotestsum@$(GOTESTSUM_VERSION) --format pkgname --format-hide-empty-pkg --jsonfile .bin/test.json \
		-- $(if $(CI),-count=1) -timeout 20m $(PACKAGES)

.PHONY: test-local
test-local: ## All tests, on parts started here without Docker, whatever the environment says
	@env -u CHIMERA_TEST_DATABASE_URL -u CHIMERA_TEST_REDIS_URL CHIMERA_TEST_CONTAINERS=0 $(MAKE) test

# Packages whose tests start parts; all others are units.
INTEGRATION = $(shell go list -f '{{if not (eq .ImportPath "chimera/tests/spec")}}{{.ImportPath}} {{.TestImports}} {{.XTestImports}}{{end}}' ./... | awk '/partstest|internal\/world/ {print $$1}')
.PHONY: test-unit test-integration
test-unit: ## The tests that start no part
	@CHIMERA_TEST_CONTAINERS=0 $(MAKE) test PACKAGES="$(filter-out $(INTEGRATION) chimera/tests/spec,$(shell go list ./...))"
test-integration: ## The tests on Postgres, Redis and Weaviate, in containers: a Docker engine must answer
	@CHIMERA_TEST_CONTAINERS=1 CHIMERA_TEST_WEAVIATE=1 $(MAKE) test PACKAGES="$(INTEGRATION)"

.PHONY: lint lint-go lint-proto
lint: lint-proto lint-go ## Lint Protobuf and Go, and look for breaking changes of the contracts
lint-proto: $(DEVTOOLS)
	$(BUF) lint
	$(BUF) format --diff --exit-code
	@$(MAKE) breaking
lint-go: $(GOLANGCI)
	go vet $(PACKAGES)
	$(GOLANGCI) run $(PACKAGES)

# Against the last release; before the first one, against where this branch left main, or the commit before.
.PHONY: breaking
breaking: $(DEVTOOLS)
	@ref=$$(git describe --tags --abbrev=0 2>/dev/null || git merge-base HEAD origin/main 2>/dev/null || true); \
	if [ -z "$$ref" ] || [ "$$(git rev-parse "$$ref^{commit}")" = "$$(git rev-parse HEAD)" ]; then ref=$$(git rev-parse -q --verify HEAD~1 || true); fi; \
	if [ -z "$$ref" ] || ! git cat-file -e "$$ref:buf.yaml" 2>/dev/null; then echo "breaking changes: nothing to compare with"; exit 0; fi; \
	echo "breaking changes since $$(git rev-parse --short "$$ref")"; $(BUF) breaking --against ".git#ref=$$ref"

.PHONY: check-generate
check-generate: $(DEVTOOLS) ## Prove that gen/ is what proto/ generates
	@fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; $(BUF) generate -o "$$fresh"; \
	for part in gen/go gen/ts/src; do \
		diff -r "$$part" "$$fresh/$$part" || { echo "gen/ is stale: run make generate and commit it"; exit 1; }; \
	done

.PHONY: platform-check
platform-check: $(PLATFORM_PACKAGES) ## Types and lint of the Platform (it has no tests, by decision)
	cd apps/platform && NEXT_TELEMETRY_DISABLED=1 npm run typecheck && npm run lint

.PHONY: spec-check
spec-check: ## Prove that the specs name every RPC, table, variable and error
	go test -count=1 ./tests/spec/...

.PHONY: chaos
chaos: ## Everything is killed, wiped and cut off under load (SEED=… for the same faults again, SCALE=10 for ten times that)
	CHIMERA_TEST_CHAOS=1 CHIMERA_TEST_CHAOS_SEED=$(SEED) CHIMERA_TEST_CHAOS_SCALE=$(SCALE) \
		go test -count=1 -timeout $(if $(filter-out 0.%,$(SCALE)),$(SCALE),1)h -v $(if $(RUN),-run '$(RUN)') ./tests/chaos

# What of it fits into every run: ten thousand tasks under faults, and the bugs that its referee must find (decision 0073).
.PHONY: chaos-short
chaos-short:
	@$(MAKE) chaos RUN='TestNothingIsLost|TestTheReferee'

.PHONY: conformance
conformance: ## The public MCP conformance suite against a server built on skillkit
	CHIMERA_TEST_CONFORMANCE=1 go test -count=1 -run TestConformance ./skills/internal/skillkit

# Each takes its own PostgreSQL, Redis and OIDC. What was measured is kept in .bench, and compared with the next time.
.PHONY: bench bench-reads bench-gate bench-soak
bench: ## Speed beside a bare skeleton of the same design, in interleaved rounds (BENCH="-scale 0.1 -rounds 1"), ~8 min
	go run ./tests/bench run $(BENCH)
bench-reads: ## The API's reads with 100,000 tasks queued, and with a planted count(*) that must be noticed, ~4 min
	go run ./tests/bench reads $(BENCH)
bench-gate: ## What a task costs, counted, against what may be: holds on a busy machine too, ~1 min
	go run ./tests/bench gate $(BENCH)
bench-soak: ## A steady load for ten minutes: memory must stay flat
	go run ./tests/bench soak $(BENCH)

# One target a core, so that FUZZTIME is time at work. A crash leaves its input in testdata/fuzz, to be committed.
FUZZTIME ?= 30s
.PHONY: fuzz fuzz-short
fuzz: ## Give every decoder of outside bytes anything (FUZZTIME=30s for each target, FUZZ=regular expression for some), ~11 min on 2 cores
	@logs=$$(mktemp -d); trap 'rm -rf "$$logs"' EXIT; export logs FUZZTIME=$(FUZZTIME); \
	grep -rno '^func Fuzz[A-Za-z0-9]*' --include='*_test.go' services skills \
	| sed -E 's#^(.*)/[^/]*:[0-9]+:func (.*)#./\1 \2#' | sort -u | grep -E -e '$(or $(FUZZ),.)' \
	| xargs -n 2 -P $$(nproc) bash -c 'log=$$logs/$$$$; \
		if go test -run "^$$" -fuzz "^$$1\$$" -fuzztime "$$FUZZTIME" -fuzzminimizetime 50x -parallel 1 "$$0" >"$$log" 2>&1 && grep -Eq "execs: [1-9]" "$$log"; \
		then printf "  %-60s %s\n" "$${0#./}.$$1" "$$(grep -Eo "execs: [0-9]+" "$$log" | tail -1)"; \
		else echo "FAILED $$0 $$1"; tail -n 60 "$$log"; input=$$(grep -Eo "testdata/fuzz/[^ ]+" "$$log" | tail -1); [ -z "$$input" ] || head -c 4000 "$$0/$$input"; exit 1; fi'
# What make ci can afford beside the corpora, which are ordinary tests there. Counted, so that a busy machine tries as much.
fuzz-short:
	@$(MAKE) fuzz FUZZTIME=500x

.PHONY: actionlint
actionlint: ## Lint the workflows
	CGO_ENABLED=0 go run github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION)

# Every commit, not only the tree: what was pushed once is known.
.PHONY: secrets
secrets: ## Look for secrets in every commit
	CGO_ENABLED=0 go run github.com/zricethezav/gitleaks/v8@$(GITLEAKS_VERSION) git --no-banner --redact --verbose --config infra/devtools/gitleaks.toml .

.PHONY: vulncheck
vulncheck: ## Known vulnerabilities that our code reaches (needs the Go vulnerability database, or GOVULNDB=file:///a/copy)
	CGO_ENABLED=0 go run golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION) $(if $(GOVULNDB),-db $(GOVULNDB)) $(PACKAGES)

# What runs is small (R3.3): bytes of the unpacked image. Node alone has 130 MB.
GO_IMAGE_LIMIT := 40000000
NODE_IMAGE_LIMIT := 200000000
.PHONY: images image-sizes smoke-compose
images: ## Build every image, and hold them to their sizes
	docker compose --profile '*' build
	@$(MAKE) image-sizes
image-sizes:
	@images=$$(docker compose --profile '*' config --images | grep '^chimera/' | sort -u); [ "$$(wc -w <<<"$$images")" -ge 9 ]; failed=0; \
	for image in $$images; do \
		size=$$(docker image inspect --format '{{.Size}}' "$$image"); limit=$(GO_IMAGE_LIMIT); \
		case $$image in chimera/platform:* | chimera/local-oidc:*) limit=$(NODE_IMAGE_LIMIT) ;; esac; \
		printf '%-36s %4d MB of %4d\n' "$$image" "$$((size / 1000000))" "$$((limit / 1000000))"; \
		[ "$$size" -le "$$limit" ] || { echo "$$image is too large"; failed=1; }; \
	done; exit $$failed

# A project and a folder of its own: a system that runs as containers only shares the ports with it.
smoke-compose: .bin/demo ## Start the system as containers, do the main job, look who reaches whom, remove every trace
	@export STACK=compose COMPOSE_PROJECT_NAME=chimera-smoke CHIMERA_DEMO_DIR="$$(mktemp -d)"; \
	trap '.bin/demo clean' EXIT; .bin/demo smoke

# From cheap to dear: what fails is known as early as can be.
CI_STEPS := lint check-generate actionlint secrets build platform-check spec-check test fuzz-short smoke smoke-pds conformance bench-gate chaos-short
# The smoke tests look at the Platform too, which their own system leaves out otherwise.
# These need a Docker engine. Without one CI fails, unless CHIMERA_CI_WITHOUT_DOCKER=1 says that none can be had;
# then it says what it did not check. Workflows never set that.
CI_DOCKER_STEPS := images smoke-compose
.PHONY: ci smoke-pds
ci: ## All checks, as CI runs them; a missing part fails
	@export CI=true DEMO_PLATFORM=1; begin=$$SECONDS; report=(); steps=($(CI_STEPS)); unchecked=; \
	if docker version >/dev/null 2>&1; then steps+=($(CI_DOCKER_STEPS)); \
	elif [ "$${CHIMERA_CI_WITHOUT_DOCKER:-}" = 1 ]; then unchecked="$(CI_DOCKER_STEPS)"; \
	else echo "no Docker engine answers: $(CI_DOCKER_STEPS) cannot be checked. Start one, or say CHIMERA_CI_WITHOUT_DOCKER=1"; exit 1; fi; \
	for step in "$${steps[@]}"; do \
		echo "=== $$step"; from=$$SECONDS; \
		if ! $(MAKE) "$$step"; then printf '%s\n' "$${report[@]}"; echo "=== $$step FAILED after $$((SECONDS-from)) s"; exit 1; fi; \
		report+=("$$(printf '    %-16s %5d s' "$$step" "$$((SECONDS-from))")"); \
	done; \
	printf '%s\n' "$${report[@]}"; echo "=== all checks passed in $$((SECONDS-begin)) s"; \
	[ -z "$$unchecked" ] || echo "=== NOT CHECKED, because no Docker engine could be had: $$unchecked"
smoke-pds:
	@PLATFORM=pds $(MAKE) smoke

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "Any endpoint, while the demo runs:"
	@echo "  $(BUF) curl -H \"authorization: Bearer \$$(make token)\" -d '{}' \\"
	@echo "    http://127.0.0.1:7700/chimera.platform.v1.SessionService/GetSession"

# The go command knows by itself what is up to date.
.PHONY: .bin/demo
.bin/demo:
	@[ -x $@ ] || echo "compiling the demo's launcher; the first time takes a minute or two" >&2
	@go build -buildvcs=false -o $@ ./infra/local/demo

$(DEVTOOLS): infra/devtools/package-lock.json
	npm ci --prefix infra/devtools --ignore-scripts --no-audit --no-fund
	@touch $@

$(PLATFORM_PACKAGES): apps/platform/package-lock.json
	npm ci --prefix apps/platform --no-audit --no-fund
	@touch $@

# Built without cgo, so that no C compiler is needed; once per machine and version.
$(GOLANGCI):
	@mkdir -p $(@D)/partial-$(GOLANGCI_VERSION)
	GOBIN=$(abspath $(@D))/partial-$(GOLANGCI_VERSION) CGO_ENABLED=0 go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI_VERSION)
	@mv $(@D)/partial-$(GOLANGCI_VERSION)/golangci-lint $@ && rmdir $(@D)/partial-$(GOLANGCI_VERSION)
