# Go alone builds and tests irisfix. Everything else that a target needs is fetched by it, into .tools/ where it can be.
.DEFAULT_GOAL := help
.PHONY: help build docs demo demo-iris test race lint tidy vuln cross fuzz check interop bench live testdata release docs-commands clean

VERSION   := $(shell git describe --tags --always --dirty 2>/dev/null)
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
# Runs of each fuzzer: given a time instead, one fails at random before Go 1.27 (golang/go#75804).
FUZZ ?= 30000x

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-15s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build bin/irisfix, one static file
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.release=$(VERSION)' -o bin/ ./cmd/irisfix

demo: build ## Run the whole story on this machine
	bin/irisfix demo

demo-iris: build ## Run what README.md says about InterSystems IRIS, against the test server
	CGO_ENABLED=0 go build -trimpath -o bin/ ./loader/iris/iristest/cmd/iristest
	loader/iris/iristest/demo

test: ## Run the tests
	go test ./...

# SQLite is C translated to Go: a connection is used by one goroutine at a time, and watching each of its loads and
# stores makes the tests take four times as long.
UNWATCHED := -gcflags=github.com/ncruces/go-sqlite3-wasm/...=-race=false

race: ## Run the tests under the race detector
	go test -race $(UNWATCHED) -timeout 20m ./...

lint: tidy ## Check format, suspicious code and module files
	@out=$$(gofmt -l */); [ -z "$$out" ] || { echo "gofmt -w these: $$out"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...

tidy:
	go mod tidy -diff
	go -C examples/go mod tidy -diff
	go mod verify

vuln: ## Look for known vulnerabilities (asks vuln.go.dev)
	go run $(GOVULNCHECK) ./...

cross: ## Build and vet for every platform
	@for p in $(PLATFORMS); do echo "$$p"; \
	  GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 go vet ./... || exit 1; \
	  GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 go build -o /dev/null ./cmd/irisfix || exit 1; done

fuzz: ## Run each fuzzer for a few seconds (FUZZ=1000000x for longer)
	@for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for name in $$(sed -n 's/^func \(Fuzz[A-Za-z]*\).*/\1/p' $$dir/*_test.go); do echo "$$dir $$name"; \
	    go test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZ) $$dir >.fuzz.tmp 2>&1 || { cat .fuzz.tmp; exit 1; }; \
	    tail -n 2 .fuzz.tmp | head -n 1; done; done; rm -f .fuzz.tmp

# lint vets linux/amd64; here each other system and architecture is met once, and make cross knows all pairs.
check: lint race ## What must hold before a change goes in
	@$(MAKE) --no-print-directory cross PLATFORMS='linux/arm64 darwin/arm64 windows/amd64'
	@$(MAKE) --no-print-directory fuzz FUZZ=3000x

interop: build ## Prove irisfix against other people's programs: registries, clients, readers of Parquet, sqlite3, drivers
	interop/run

bench: build ## Measure irisfix beside its peers
	bench/run

live: ## Run questions, suite and judges on a real IRIS (IRISFIX_TEST_IRIS=iris://user:password@host:port/NAMESPACE)
	@[ -n "$$IRISFIX_TEST_IRIS" ] || { echo 'set IRISFIX_TEST_IRIS=iris://user:password@host:port/NAMESPACE' >&2; exit 1; }
	@go build -o bin/ ./loader/iris/live/cmd/live
	@bin/live $(LIVE)

testdata: ## Make the golden fixtures again, from SQL
	go run ./internal/goldens

release: ## Build all that is published into dist/ (VERSION=v1.0.0; PLATFORMS=linux/amd64 for a part)
	@interop/environment .tools/release internal/release/requirements.txt
	go run ./internal/release -version '$(VERSION)' -python .tools/release/bin/python $(PLATFORMS)

docs-commands: ## Write docs/commands again, from the commands themselves
	rm -rf docs/commands
	go run ./cmd/irisfix manual --markdown docs/commands

docs: ## Build the site of docs/ into .tools/site
	@interop/environment .tools/docs docs/site/requirements.txt
	@rm -rf .tools/site
	.tools/docs/bin/sphinx-build -q -W --keep-going -E -d .tools/docs/doctrees -c docs/site docs .tools/site

clean: ## Remove what was built and fetched
	rm -rf bin dist .tools
