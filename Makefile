# Two commands matter: `make demo` does the main job end to end without Internet, `make test` runs every test.
PREFIX ?= /usr/local
SWIFT ?= swift
# All tests at once starve each other on few cores: time limits that no user ever meets would be met.
WIDTH ?= 12
# On macOS the Swift runtime is part of the system.
STATIC := $(if $(filter Linux,$(shell uname -s)),--static-swift-stdlib,)
export BASH_ENV =

.PHONY: help deps build demo test release install uninstall format lint bench clean

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

## make build     a debug build
build: deps
	$(SWIFT) build

## make release   dist/slm: optimised, stripped, with the Swift runtime linked in
release: deps
	$(SWIFT) build -c release --product slm $(STATIC)
	@mkdir -p dist
	cp "$$($(SWIFT) build -c release --show-bin-path $(STATIC))/slm" dist/slm
	strip dist/slm

## make install   puts dist/slm into PREFIX/bin (default /usr/local)
install: release
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 dist/slm "$(DESTDIR)$(PREFIX)/bin/slm"

uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/slm"

## make format    formats the source; make lint checks it
format:
	$(SWIFT) format -i -r Sources Tests Package.swift

lint:
	$(SWIFT) format lint --strict -r Sources Tests Package.swift

## make bench     measures the downloader beside its peers on loopback (installs nginx, aria2 and huggingface_hub)
bench: release
	@bash Benchmarks/run.sh

deps:
	@bash Scripts/deps.sh

clean:
	rm -rf .build dist
