#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
#
# The C and C++ files of the project.
git ls-files '*.c' '*.h' '*.cc'
