#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# without_cmocka.sh - stands in for the unit tests where they cannot be built.
echo "the unit tests need cmocka (Debian package libcmocka-dev)"
exit 77
