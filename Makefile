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
KERNEL ?= 6.12
MUTANTS ?=
MUTANT ?=

.DEFAULT_GOAL := all
.PHONY: all demo test bench fuzz vm demo-vm test-vm test-vm-self test-debug-kernel format lint
.PHONY: test-mutants test-vm2 bench-vm man install modules modules_install clean help

help: ## list the targets
	@sed -n 's/^\([a-z0-9_-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

all: ## build the runtime, the firmware and the tool
	@tools/build/deps.sh build
	@tools/build/build.sh $(BUILD)/release -DTANDEM_TESTS=OFF

demo: all ## run a model with prefill and decode on two devices
	@tools/build/demo.sh $(BUILD)/release/tandem

test: ## build and run every test: plain, under sanitizers, and in guests of two kernels
	@tools/build/deps.sh build test bench modules vm
	@tools/build/test.sh $(BUILD)

bench: ## measure the stack beside the limits of this machine (BENCH=options)
	@tools/build/deps.sh build bench
	@tools/build/build.sh $(BUILD)/bench -DTANDEM_TESTS=OFF -DTANDEM_BENCH=ON
	@$(BUILD)/bench/tandem-bench $(BENCH)

fuzz: ## fuzz for FUZZ_SECONDS a target, or one alone (FUZZ=gguf, tokenizer, command, ioctl, wire or decode)
	@tools/build/deps.sh build test
	@tools/build/fuzz.sh $(BUILD) $(FUZZ_SECONDS) "$(FUZZ)"

vm: ## boot a guest with everything in it (KERNEL=6.1 or 6.12)
	@tools/build/deps.sh build test modules vm
	@tools/build/vm.sh shell $(BUILD) $(KERNEL)

demo-vm: ## run the demo in a guest, on the driver's nodes
	@tools/build/deps.sh build test modules vm
	@tools/build/vm.sh demo $(BUILD) $(KERNEL)

bench-vm: ## measure transfers over rxe in a guest, beside perftest's ib_write_bw
	@tools/build/deps.sh build test bench modules vm
	@tools/build/vm.sh bench $(BUILD) $(KERNEL)

test-vm: ## run the suites in a guest; its kernel must not complain
	@tools/build/deps.sh build test modules vm
	@tools/build/vm.sh test $(BUILD) $(KERNEL)

test-vm2: ## run the suites of two guests that are two hosts, with a network that goes wrong
	@tools/build/deps.sh build test modules vm
	@tools/build/vm.sh test2 $(BUILD) $(KERNEL)

test-vm-self: ## test the guest's harness: what goes wrong must be reported
	@tools/build/deps.sh build test modules vm
	@tools/build/vm.sh self $(BUILD) $(KERNEL)

test-debug-kernel: ## run the suites in a guest with a kernel that checks itself
	@tools/build/deps.sh build test modules vm debug-kernel
	@tools/build/vm.sh test $(BUILD) debug

test-mutants: ## break the code on purpose: do the suites notice? (MUTANTS=group MUTANT=name)
	@tools/build/deps.sh build test $(if $(filter firmware runtime,$(MUTANTS)),,modules vm)
	@python3 tools/build/mutants $(BUILD) $(KERNEL) "$(MUTANTS)" "$(MUTANT)"

format: ## format all C and C++ files
	@tools/build/deps.sh lint
	@tools/lint/files.sh | grep -v ^driver/ | xargs clang-format -i

lint: ## check style, licences, headers and scripts
	@tools/build/deps.sh build man test bench modules vm lint
	@tools/lint/lint.sh $(BUILD)

man: all ## make the man pages, into BUILD/man
	@tools/build/deps.sh man
	@tools/build/man.sh $(BUILD)/release $(BUILD)/man

install: man ## install the library, the headers, the tool and its pages (DESTDIR, PREFIX)
	@DESTDIR=$(DESTDIR) cmake --install $(BUILD)/release --prefix $(PREFIX)
	@install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 $(BUILD)/man/*.1
	@install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man8 $(BUILD)/man/*.8

modules: ## build tandem.ko against KDIR
	@test -n "$(KDIR)" || { \
		echo "modules: no kernel headers; install linux-headers-amd64 or set KDIR" >&2; \
		exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR) W=1 modules

modules_install: modules ## install tandem.ko, the udev rule and the options (INSTALL_MOD_PATH)
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install
	install -D -m 644 driver/packaging/60-tandem.rules \
		$(INSTALL_MOD_PATH)/usr/lib/udev/rules.d/60-tandem.rules
	install -D -m 644 driver/packaging/tandem.conf $(INSTALL_MOD_PATH)/etc/modprobe.d/tandem.conf

clean: ## remove everything that was built
	rm -rf $(BUILD)
	rm -f *.o *.ko *.mod *.mod.c .*.cmd modules.order Module.symvers
	rm -f driver/*.o driver/.*.cmd
