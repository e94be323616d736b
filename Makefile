# The words a newcomer guesses. CI calls the same ones.
SWIFT ?= swift
RELEASE = $(SWIFT) build -c release --static-swift-stdlib --product pave
PAVE = .build/release/pave

.PHONY: help embed setup check test build demo bench torture

help:
	@echo "make setup    install what the build needs and is missing (libgit2, OpenSSL, libyaml)"
	@echo "make test     build and run all tests"
	@echo "make demo     build, then show the product at work on fixtures/acme"
	@echo "make check    formatting and the arrows between the rooms"
	@echo "make build    the release binary, $(PAVE)"
	@echo "make bench    measure, and hold the numbers against Benchmarks/budgets"
	@echo "make embed    put policies/ and docs/rules/ where the binary takes them from"
	@echo "make torture  kill it while it publishes, let publishers race, feed it broken files, fuzz expressions"

setup:
	@scripts/setup

check: setup
	$(SWIFT) format lint --strict -r Sources Tests Package.swift
	$(SWIFT) test --filter ArchitectureTests

test: setup
	$(SWIFT) test

build: setup
	@$(RELEASE)

demo: build
	@scripts/demo $(PAVE)

bench: build
	@$(RELEASE:pave=cel-benchmark)
	@$(RELEASE:pave=writing-benchmark)
	@$(RELEASE:pave=chart-benchmark)
	@Benchmarks/expressions .build/release/cel-benchmark
	@Benchmarks/rendering .build/release/chart-benchmark $(PAVE)
	@Benchmarks/run $(PAVE)

torture: build
	@scripts/torture $(PAVE)
	@scripts/fuzz 600

embed:
	@scripts/embed
