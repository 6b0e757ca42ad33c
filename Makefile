# Two commands matter: `make demo` does the main job end to end without Internet, `make test` runs every test.
PREFIX ?= /usr/local
SWIFT ?= swift
# All tests at once starve each other on few cores: time limits that no user ever meets would be met.
WIDTH ?= 12
export BASH_ENV =

.PHONY: help deps build demo test examples docs release dist check-dist install uninstall format lint bench clean

help:
	@sed -n 's/^## //p' Makefile

## make demo      install what is missing, build, and show list, get, resume, verify, update and rm on a loopback hub
demo: build
	@bash Scripts/demo.sh

## make test      install what is missing and run every test
test:
	@bash Scripts/deps.sh --tests
	$(SWIFT) build --build-tests
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$(WIDTH) $(SWIFT) test --skip-build

## make examples  builds the programs of Examples/, runs them on a loopback hub, and checks what documents quote
examples: build
	@bash Scripts/examples.sh

## make docs      the library's documentation as a site in .build/docs
docs: deps
	@bash Scripts/docs.sh

## make build     a debug build
build: deps
	$(SWIFT) build

## make release   dist/slm: optimised, stripped, with the Swift runtime linked in
release: deps
	@mkdir -p dist
ifeq ($(shell uname -s),Linux)
	@SWIFT=$(SWIFT) bash Scripts/packages/link.sh dist/slm
else
	$(SWIFT) build -c release --product slm
	cp "$$($(SWIFT) build -c release --show-bin-path)/slm" dist/slm
	strip dist/slm
endif

## make dist      what a release consists of: .deb, tarball for any Linux, Homebrew formula, install.sh, SHA256SUMS
dist:
	@bash Scripts/deps.sh --packages
	@SWIFT=$(SWIFT) bash Scripts/packages/dist.sh

## make check-dist  installs, uses and removes what `make dist` made in bare Debians, as root
check-dist:
	@bash Scripts/deps.sh --packages
	@bash Scripts/packages/check.sh

## make install   the program, its manual and its completions, into PREFIX (default /usr/local)
install: release
	@bash Scripts/packages/layout.sh dist/slm "$(DESTDIR)$(PREFIX)"

uninstall:
	@bash Scripts/packages/layout.sh --remove "$(DESTDIR)$(PREFIX)"
	@sh Scripts/packages/remains.sh

## make format    formats the source; make lint checks it
format:
	$(SWIFT) format -i -r Sources Tests Examples Package.swift

lint:
	$(SWIFT) format lint --strict -r Sources Tests Examples Package.swift

## make bench     measures the downloader beside its peers on loopback (installs nginx, aria2 and huggingface_hub)
bench: release
	@bash Benchmarks/run.sh

deps:
	@bash Scripts/deps.sh

clean:
	rm -rf .build dist
