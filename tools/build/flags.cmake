# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# One place for the compilers' flags.

set(TANDEM_SANITIZE "" CACHE STRING "Sanitizers for everything, e.g. address,undefined or thread")
option(TANDEM_WERROR "Warnings are errors" ON)
option(TANDEM_TESTS "Build the tests and the benchmark" ON)
option(TANDEM_BENCH "Build the benchmark" OFF)
option(TANDEM_FUZZ "Build the fuzz targets in place of the tests; needs clang" OFF)

if(NOT CMAKE_BUILD_TYPE)
	set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# The sanitizers' builds are for finding, not for speed: they compile much faster.
if(TANDEM_SANITIZE)
	set(TANDEM_OPTIMIZE "-O1 -g")
else()
	set(TANDEM_OPTIMIZE "-O2 -g")
endif()
set(CMAKE_C_FLAGS_RELWITHDEBINFO ${TANDEM_OPTIMIZE})
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO ${TANDEM_OPTIMIZE})

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_compile_definitions(_GNU_SOURCE)
# Bit-exact arithmetic: no contraction but where fmaf() is written.
add_compile_options(-Wall -Wextra -fno-fast-math -ffp-contract=off)
add_compile_options("$<$<COMPILE_LANGUAGE:C>:-Wshadow;-Wconversion;-Wstrict-prototypes;-Wmissing-prototypes>")
if(TANDEM_WERROR)
	add_compile_options(-Werror)
endif()
if(TANDEM_SANITIZE)
	add_compile_options(-fsanitize=${TANDEM_SANITIZE} -fno-omit-frame-pointer)
	add_link_options(-fsanitize=${TANDEM_SANITIZE})
	if(TANDEM_SANITIZE MATCHES thread)
		# TSan does not see fences. Only Dekker's flags rely on them, and those
		# are atomics: no data is published by a fence alone.
		add_compile_options(-Wno-tsan)
	endif()
	if(TANDEM_SANITIZE MATCHES undefined)
		add_compile_options(-fno-sanitize-recover=undefined)
	endif()
endif()
if(TANDEM_FUZZ)
	# Beyond what "undefined" has: a float of a hostile file or descriptor that
	# becomes an integer it does not fit.
	add_compile_options(-fsanitize=fuzzer-no-link,float-cast-overflow
		-fno-sanitize-recover=float-cast-overflow)
endif()
