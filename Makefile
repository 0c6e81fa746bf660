# Builds, tests and installs cairn. `make help` lists the targets.

SWIFT  ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
# Where zsh looks for completions that are not its own; Debian's packages have another folder.
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
BENCH_ARGS ?=

BINARY   := .build/release/cairn
MAN      := $(DESTDIR)$(PREFIX)/share/man/man1
BASHCOMP := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSHCOMP  := $(DESTDIR)$(ZSHDIR)
SCHEMAS  := $(DESTDIR)$(PREFIX)/share/doc/cairn/schemas
FISHCOMP := $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d

# What the targets need from Debian; .ci/require installs what is missing. fuse3 is for `cairn mount`, and to end one.
LIBRARIES  := pkg-config libsqlite3-dev libssl-dev libzstd-dev libfuse3-dev fuse3
TEST_TOOLS := python3 python3-zstandard python3-cryptography rsync strace bindfs bash-completion zsh fish
REQUIRE    := SWIFT='$(SWIFT)' .ci/require
# A binary that is there is packed without Swift, which root may not have.
PACKAGE    := SWIFT=true .ci/require
SOURCES     = $(wildcard Sources Tests Benchmarks Examples) Package.swift

export SWIFT

.PHONY: all help test endurance torture histories lint format bench fuzz docs interface examples man install uninstall deb deb-check clean

## all: the release binary, .build/release/cairn (the default)
all:
	@$(REQUIRE) $(LIBRARIES)
	$(SWIFT) build -c release --static-swift-stdlib --product cairn

# For install: a binary that is there is taken as it is, so that `sudo make install` builds nothing.
$(BINARY):
	@$(MAKE) all

## test: all tests; the debug binary and the examples, which they run, are built first
test: examples
	@$(REQUIRE) $(LIBRARIES) $(TEST_TOOLS)
	$(SWIFT) build --product cairn
	$(SWIFT) test

## endurance: the long forms of the tests of kills, size and changing files, with the release binary; takes most of an hour
endurance: all
	@$(REQUIRE) $(TEST_TOOLS)
	CAIRN_ENDURANCE=full $(SWIFT) test --no-parallel --filter EnduranceTests

## torture: the storm of processes, and every call made to fail and every moment made the last; with the release binary, 65 minutes
torture: all
	@$(REQUIRE) $(TEST_TOOLS)
	CAIRN_STORM=full CAIRN_SWEEP=full $(SWIFT) test --no-parallel --filter 'EnduranceTests.(StormTests|InjectionTests)|CrashTests'

## histories: 300 random histories of a tree and its repository, each step proven; CAIRN_HISTORY_SEED=17 for one; a quarter of an hour
histories:
	@$(REQUIRE) $(LIBRARIES)
	CAIRN_HISTORIES=full $(SWIFT) test --filter RandomHistoryTests

## lint: check the style of every Swift file
lint:
	@$(REQUIRE)
	$(SWIFT) format lint --strict --recursive $(SOURCES)

## format: rewrite every Swift file in that style
format:
	@$(REQUIRE)
	$(SWIFT) format --in-place --recursive $(SOURCES)

## bench: measure, beside other programs too, and write a report, bench-results/report.md; BENCH_ARGS='peers --rows first' for a part
bench: all
	$(SWIFT) build -c release --static-swift-stdlib --product cairn-bench
	.build/release/cairn-bench $(BENCH_ARGS)

## fuzz: feed the parsers what they do not expect
fuzz:
	@$(REQUIRE) $(LIBRARIES)
	Tests/fuzz

## docs: the libraries' reference, to .build/docs; fails on a warning
docs:
	@$(REQUIRE) $(LIBRARIES) python3
	$(SWIFT) build --target CairnMount
	rm -rf .build/docs
	Documentation/API/interface.py pages --build .build/debug --output .build/docs

## interface: list anew what libraries and commands offer, in Documentation, after a change that is meant
interface:
	@$(REQUIRE) $(LIBRARIES) python3
	$(SWIFT) build --product cairn
	Documentation/API/interface.py write --build .build/debug
	Documentation/reference.py .build/debug/cairn > Documentation/Reference.md

## examples: build the programs in Examples, to .build/examples
examples:
	@$(REQUIRE) $(LIBRARIES)
	for example in Examples/*/; do $(SWIFT) build --package-path "$$example" --scratch-path .build/examples || exit 1; done

## man: write the man pages to .build/man
man: all
	$(BINARY) man .build/man

## install: binary, man pages, completions and JSON schemas below PREFIX (default /usr/local), staged in DESTDIR
install: $(BINARY)
	install -d '$(SCHEMAS)' '$(DESTDIR)$(PREFIX)/bin' '$(MAN)' '$(BASHCOMP)' '$(ZSHCOMP)' '$(FISHCOMP)'
	install -m 755 $(BINARY) '$(DESTDIR)$(PREFIX)/bin/cairn'
	$(BINARY) man '$(MAN)'
	$(BINARY) completions bash > '$(BASHCOMP)/cairn'
	$(BINARY) completions zsh > '$(ZSHCOMP)/_cairn'
	$(BINARY) completions fish > '$(FISHCOMP)/cairn.fish'
	install -m 644 Documentation/Schemas/*.json '$(SCHEMAS)'
	chmod 644 '$(MAN)'/cairn.1 '$(MAN)'/cairn-*.1 '$(BASHCOMP)/cairn' '$(ZSHCOMP)/_cairn' '$(FISHCOMP)/cairn.fish'

## uninstall: remove what install laid down
uninstall:
	rm -f '$(DESTDIR)$(PREFIX)/bin/cairn' '$(MAN)'/cairn.1 '$(MAN)'/cairn-*.1
	rm -f '$(BASHCOMP)/cairn' '$(ZSHCOMP)/_cairn' '$(FISHCOMP)/cairn.fish'
	rm -rf '$(SCHEMAS)'
	! [ -d '$(DESTDIR)$(PREFIX)/share/doc/cairn' ] || rmdir --ignore-fail-on-non-empty '$(DESTDIR)$(PREFIX)/share/doc/cairn'

## deb: the Debian package of what install lays out, below .build/deb, with the binary as `make` left it
deb: $(BINARY)
	@$(PACKAGE) dpkg-dev
	@MAKE='$(MAKE)' Packaging/deb

## deb-check: try that package in a bare Debian 12 that debootstrap makes, as root; DEBIAN_MIRROR and DEBIAN_SUITE for another
deb-check: $(BINARY)
	@$(PACKAGE) dpkg-dev debootstrap
	@package=$$(MAKE='$(MAKE)' Packaging/deb) && Packaging/deb-check "$$package"

## clean: remove what was built
clean:
	rm -rf .build

## help: this list
help:
	@sed -n 's/^## //p' Makefile
