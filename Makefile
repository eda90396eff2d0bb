# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# The front door. Userspace is built by CMake into build/, the module by Kbuild.

BUILD ?= build
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
FUZZ ?=
FUZZ_SECONDS ?= 600
KDIR ?= $(shell tools/build/kdir.sh)

.DEFAULT_GOAL := all
.PHONY: all demo test bench fuzz format lint man install modules clean help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

all: ## build the runtime, the firmware and the tool
	@tools/build/deps.sh build
	@tools/build/build.sh $(BUILD)/release -DTANDEM_TESTS=OFF

demo: all ## run a model with prefill and decode on two devices
	@tools/build/demo.sh $(BUILD)/release/tandem

test: ## build and run every test, plain and under sanitizers
	@tools/build/deps.sh build test bench
	@tools/build/test.sh $(BUILD)

bench: ## measure the stack beside the limits of this machine (BENCH=options)
	@tools/build/deps.sh build bench
	@tools/build/build.sh $(BUILD)/bench -DTANDEM_TESTS=OFF -DTANDEM_BENCH=ON
	@$(BUILD)/bench/tandem-bench $(BENCH)

fuzz: ## fuzz for FUZZ_SECONDS a target, or one alone (FUZZ=gguf, tokenizer or command)
	@tools/build/deps.sh build test
	@tools/build/fuzz.sh $(BUILD) $(FUZZ_SECONDS) "$(FUZZ)"

format: ## format all C and C++ files
	@tools/build/deps.sh lint
	@tools/lint/files.sh | xargs clang-format -i

lint: ## check style, licences, headers and scripts
	@tools/build/deps.sh build man test bench lint
	@tools/lint/lint.sh $(BUILD)

man: all ## make the man pages, into BUILD/man
	@tools/build/deps.sh man
	@tools/build/man.sh $(BUILD)/release/tandem $(BUILD)/man

install: man ## install the library, the headers, the tool and its pages (DESTDIR, PREFIX)
	@DESTDIR=$(DESTDIR) cmake --install $(BUILD)/release --prefix $(PREFIX)
	@install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 $(BUILD)/man/*.1

modules: ## build tandem.ko against KDIR
	@test -n "$(KDIR)" || { \
		echo "modules: no kernel headers; install linux-headers-amd64 or set KDIR" >&2; \
		exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR) W=1 modules

clean: ## remove everything that was built
	rm -rf $(BUILD)
	rm -f *.o *.ko *.mod *.mod.c .*.cmd modules.order Module.symvers
	rm -f driver/*.o driver/.*.cmd
