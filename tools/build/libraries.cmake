# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# What the project stands on; tools/build/packages.txt has the Debian packages.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(DRM REQUIRED IMPORTED_TARGET libdrm)
pkg_check_modules(IBVERBS REQUIRED IMPORTED_TARGET libibverbs)
# In Debian's libibverbs-dev and, at run time, ibverbs-providers.
pkg_check_modules(EFA REQUIRED IMPORTED_TARGET libefa)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(ISAL REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(JSONC REQUIRED IMPORTED_TARGET json-c)
pkg_check_modules(SMARTCOLS REQUIRED IMPORTED_TARGET smartcols)
pkg_check_modules(KMOD REQUIRED IMPORTED_TARGET libkmod)
pkg_check_modules(NCURSESW REQUIRED IMPORTED_TARGET ncursesw)
pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd)
pkg_check_modules(NETTLE REQUIRED IMPORTED_TARGET nettle)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(KMOD REQUIRED IMPORTED_TARGET libkmod)
pkg_check_modules(PCI REQUIRED IMPORTED_TARGET libpci>=3.9)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)

# What the tool is linked with beside libtandem.
set(TANDEM_CLI_LIBRARIES PkgConfig::JSONC PkgConfig::SMARTCOLS PkgConfig::KMOD PkgConfig::PCI
	PkgConfig::NCURSESW PkgConfig::MICROHTTPD PkgConfig::ZLIB)
