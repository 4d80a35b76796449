# Everything a person needs: `make demo`, `make test`. The rest is in `make help`.

SHELL := /bin/bash
CARGO := cargo

# What the program needs to be built, beyond rustup, gcc, make, perl and git:
# the schema compiler of the keystore's library.
BUILD_PACKAGES := capnproto

# The packages of kubectl exclude each other: where one is, it is fine.
KUBECTL := $(shell command -v kubectl >/dev/null || echo kubernetes-client)

# What the tests need besides: gpg, sqv and real keyrings to compare with, a
# second program that reads calendars, the days on which Debian's releases came
# out, a credential store with a session bus of its own, kubectl, a keyserver, hiera-eyaml, and
# what kills the program at a call (strace), gives it another clock (faketime) or makes the
# file systems of sticks (dosfstools); Python for the programs in tests/peers.txt.
TEST_PACKAGES := $(BUILD_PACKAGES) dbus debian-archive-keyring debian-keyring \
	debian-ports-archive-keyring dirmngr distro-info-data dosfstools faketime gnome-keyring gnupg \
	hiera-eyaml iproute2 $(KUBECTL) libsecret-tools openssl python3-venv python3-vobject sks sqv strace

# Where those programs are put.
PEERS := target/peers

.PHONY: help demo test toolchain build-packages install-build-packages test-packages peers airgap install release bench audit fuzz assurance docs clean

help:
	@echo 'make demo       build, and open the console on made-up keys'
	@echo 'make test       install what the tests need; tests, doctests, clippy, fmt, docs'
	@echo 'make airgap     one file for a machine without a network; prints its SHA-256 in hex and words'
	@echo 'make install    put keyrite into ~/.cargo/bin'
	@echo 'make bench      measure against gpg and against 16 ms a frame'
	@echo 'make assurance  the random tests, a hundred times longer, and all points of the sweeps'
	@echo 'make audit      licences and advisories of all dependencies (cargo-deny)'
	@echo 'make fuzz       run the fuzz targets for a minute each (cargo-fuzz, nightly)'
	@echo 'make docs       write the generated documents anew'

# Where there is no terminal the demo prints the dashboard as text.
demo: toolchain build-packages
	@$(CARGO) build --locked
	@target/debug/keyrite demo

test: toolchain test-packages peers
	$(CARGO) test --locked
	$(CARGO) clippy --locked --all-targets -- -D warnings
	$(CARGO) fmt --check
	@# The build for a machine without a network has no keystore.
	$(CARGO) check --locked --no-default-features
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps --document-private-items
	@# No test may write into the tree.
	@if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then \
		new=$$(git ls-files --others --exclude-standard -- tests docs assets | grep -e '\.snap\.new$$' -e '\.pending-snap$$'); \
		if [ -n "$$new" ]; then echo "the tests left: $$new"; exit 1; fi; \
	fi
	@echo 'make test: all is well'

# A toolchain is a matter of rustup; this says what to run where it is missing.
toolchain:
	@command -v $(CARGO) >/dev/null || { echo 'No cargo. Install rustup (https://rustup.rs), then: rustup toolchain install stable'; exit 1; }
	@$(CARGO) --version >/dev/null 2>&1 || rustup toolchain install stable --profile default || { echo 'Run: rustup toolchain install stable'; exit 1; }
	@$(CARGO) clippy --version >/dev/null 2>&1 && $(CARGO) fmt --version >/dev/null 2>&1 || rustup component add clippy rustfmt || { echo 'Run: rustup component add clippy rustfmt'; exit 1; }

# Where it is not from a package of Debian's, it is fine, too.
build-packages:
	@command -v capnp >/dev/null || $(MAKE) --no-print-directory install-build-packages

# Installs what is missing, or prints the one line that would.
install-build-packages: PACKAGES := $(BUILD_PACKAGES)
test-packages: PACKAGES := $(TEST_PACKAGES)
install-build-packages test-packages:
	@missing=''; \
	for package in $(PACKAGES); do \
		dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" = 0 ]; then as=''; \
		elif sudo -n true 2>/dev/null; then as='sudo'; \
		else echo "More packages are needed. Run: sudo apt-get install$$missing"; exit 1; fi; \
		$$as apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive $$as apt-get -o DPkg::Lock::Timeout=500 install -y -qq --no-install-recommends $$missing >/dev/null || \
		{ echo "That failed. Run: apt-get install$$missing"; exit 1; }; \
	fi

# Once, and again when the list has changed.
peers: $(PEERS)/.installed
$(PEERS)/.installed: tests/peers.txt
	@python3 -m venv $(PEERS) && $(PEERS)/bin/pip install --quiet --disable-pip-version-check -r $< && touch $@ || \
		{ echo 'That failed. It needs python3-venv and an index of Python packages (pip config).'; exit 1; }

# One file that needs no other, not even the C library of the machine, and no
# network code in it. The offline ceremonies are held with it before its digest
# is told.
AIRGAP = target/$(HOST)/release/keyrite
airgap: HOST = $(shell $(CARGO) -vV | sed -n 's/^host: //p')
airgap: toolchain
	RUSTFLAGS='-C target-feature=+crt-static' $(CARGO) build --locked --release --no-default-features --target $(HOST)
	@if readelf --dynamic $(AIRGAP) | grep NEEDED; then echo 'It needs more than itself.'; exit 1; fi
	@KEYRITE_AIRGAP=$$PWD/$(AIRGAP) $(CARGO) test --locked --test it -- --ignored airgap
	@echo 'Carry this file, and these words on paper:'
	@$(AIRGAP) digest $(AIRGAP)

# The program refuses to work before the day on which it was built; the day of
# the commit makes the same program of the same source.
airgap install release bench: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null)

install: toolchain build-packages
	$(CARGO) install --locked --path .

release: toolchain build-packages
	$(CARGO) build --locked --release

bench: release
	RUST_LIB_BACKTRACE=0 $(CARGO) bench --locked

assurance: toolchain test-packages peers
	KEYRITE_CASES=100 $(CARGO) test --locked --test it -- battery carry_merges carry_sweeps damage packets random_keys schedule timeline sweeps

audit: toolchain
	@command -v cargo-deny >/dev/null || $(CARGO) install --locked cargo-deny
	$(CARGO) deny --locked check

fuzz: toolchain build-packages
	@command -v cargo-fuzz >/dev/null || $(CARGO) install --locked cargo-fuzz
	for target in intake keybox; do \
		$(CARGO) +nightly fuzz run $$target -- -max_total_time=60 -timeout=2 -rss_limit_mb=512 || exit 1; \
	done

docs: toolchain test-packages
	KEYRITE_WRITE_DOCS=1 $(CARGO) test --locked --test it -- docs --test-threads 1

clean:
	$(CARGO) clean
