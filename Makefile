# healthlab: an interactive lab console for Kubernetes health checks.
# The only things needed are Go (see go.mod for the version) and make.

SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN       := bin/healthlab
LINTER    := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
# No -trimpath: it would make tests and builds compile Kubernetes once each. The version is stamped in as Kubernetes' own
# build does it; without it, `kubectl version` ends with an error.
RELEASE    = -ldflags="-s -w -X k8s.io/component-base/version.gitVersion=$$(go list -m -f '{{.Version}}' k8s.io/kubernetes)"

# bundled: healthlab carries the program that runs containers. The other tag leaves out kustomize's plug-ins in Go, as kubectl's
# own releases do: with them the linker keeps and exports every symbol, which makes the program a fifth larger.
TAGS       = -tags bundled,kustomize_disable_go_plugin_support

# The program that runs containers, which healthlab carries.
CONTAINER  = CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o assets/container/healthlab-container ./cmd/container

FUZZTIME ?= 60s

# Everything that does not bring k8s.io/kubernetes along: compiles and tests in seconds.
LIGHT = $$(go list ./... | grep -v -e /cmd/healthlab -e /lab/embedded)

# Linters that analyse what is imported as well: of Kubernetes that takes minutes and more than 5 GB. Without them it is a
# minute and 2 GB; vet, which is one of them, looks at everything by itself.
IMPORTS = contextcheck,exhaustive,govet,staticcheck

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build and open the console (ARGS="…" is passed on)
	@$(BIN) $(ARGS)

.PHONY: build
build: ## build bin/healthlab; the first time compiles Kubernetes: about 8 minutes on 2 cores
	@mkdir -p bin
	@$(CONTAINER)
	@go build -v $(TAGS) $(RELEASE) -o $(BIN) ./cmd/healthlab 2>&1 | .ci/progress 2600

.PHONY: test
test: ## run every test; the first time compiles Kubernetes
	@echo "testing (the first run compiles Kubernetes: about 10 minutes on 2 cores, then seconds)"
	@$(CONTAINER)
	go test $(TAGS) ./...

.PHONY: race
race: ## run the tests of everything but the control plane with the race detector (needs a C compiler)
	go test -race $(LIGHT)

.PHONY: short
short: ## run only the tests that need no control plane
	go test -short $(LIGHT)

.PHONY: fuzz
fuzz: ## fuzz everything that reads what others wrote, a minute each (FUZZTIME=10s for less)
	@go test -list '^Fuzz' $(LIGHT) | while read -r word package _; do \
		case "$$word" in \
		Fuzz*) targets="$${targets:-} $$word" ;; \
		ok) for target in $${targets:-}; do \
				echo "fuzzing $$target of $$package for $(FUZZTIME)"; \
				go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" || exit 1; \
			done; targets= ;; \
		esac; \
	done

.PHONY: compat
compat: build ## run both labs on a real Kubernetes 1.32, the oldest supported: 5 minutes, 3 GB of memory; 7 minutes more the first time
	@echo "building the oldest supported Kubernetes (compiled the first time: about 7 minutes on 2 cores, 3 GB of memory)"
	@cd lab/embedded/oldest && go build -v $(RELEASE) -o ../../../bin/oldest . 2>&1 | ../../../.ci/progress 2100
	go test -tags compat -short -count=1 -timeout 30m -v -run OldestKubernetes ./lab/embedded

.PHONY: e2e
e2e: build ## run Kubernetes' own specs of pods, probes and controllers (ARGS="-focus=…"): about 30 minutes; 10 more the first time
	@echo "building Kubernetes' own specs (compiled the first time: about 10 minutes on 2 cores, 4 GB of memory)"
	@cd lab/embedded/e2e && CGO_ENABLED=0 go build -v -o ../../../bin/e2e . 2>&1 | ../../../.ci/progress 2500
	bin/e2e -healthlab $(BIN) $(ARGS)

.PHONY: busybox
busybox: ## ask a real BusyBox anew what the small tools are held against (BUSYBOX=path of a 1.36 built with musl, as Alpine's)
	go test ./lab/node/images/tools -run AsBusyBox -count=1 -remake $(abspath $(BUSYBOX))

.PHONY: bash
bash: ## ask a real bash anew what the built-in one is held against (REAL=path of a 5.2, as Debian's)
	go test ./lab/node/images/shell/bash -run AsBash -count=1 -remake $(abspath $(REAL))

.PHONY: golden
golden: ## rewrite the golden screens and reports and the READMEs' key tables; look at the difference before you commit it
	go test $$(grep -rl exp/golden --include='*_test.go' tui lab/report | xargs -n1 dirname | sort -u | sed 's|^|./|') -update
	go test ./cmd/internal/checkout -run Readme -update-readme

.PHONY: pictures
pictures: ## take the READMEs' pictures anew from the real program (about two minutes; needs tmux)
	@command -v tmux >/dev/null || { echo "make pictures needs tmux: install it first (for example: apt install tmux)" >&2; exit 1; }
	@$(MAKE) --no-print-directory build
	go build -o bin/screenshot ./cmd/screenshot
	assets/pictures/take.sh $(BIN) bin/screenshot

.PHONY: bench
bench: build ## measure what the README's table shows
	go test $(TAGS) -run '^$$' -bench . -benchmem ./...

.PHONY: bench-once
bench-once: build ## run every benchmark once, to see that it still ends
	go test $(TAGS) -short -run '^$$' -bench . -benchtime 1x ./...

.PHONY: fmt
fmt: ## format all Go files
	go run $(LINTER) fmt

.PHONY: lint
lint: ## check format and code
	go run $(LINTER) fmt --diff
	go mod tidy -diff
	go vet -tags compat ./...
	go run $(LINTER) run $$(printf '%s\n' $(LIGHT) | sed "s|^healthlab|.|")
	go run $(LINTER) run --disable $(IMPORTS) ./cmd/healthlab ./lab/embedded

.PHONY: cross
cross: ## build for the other systems (not part of verify)
	GOOS=darwin GOARCH=arm64 $(CONTAINER)
	GOOS=darwin GOARCH=arm64 go build $(TAGS) $(RELEASE) -o bin/healthlab-darwin-arm64 ./cmd/healthlab
	GOOS=windows GOARCH=amd64 $(CONTAINER)
	GOOS=windows GOARCH=amd64 go build $(TAGS) $(RELEASE) -o bin/healthlab-windows-amd64.exe ./cmd/healthlab

.PHONY: clean-tree
clean-tree:
	@if [ -n "$$(git status --porcelain)" ]; then echo "the tree is not clean:"; git status --short; exit 1; fi

.PHONY: verify
verify: lint build test race bench-once clean-tree ## everything that must hold before a change lands
