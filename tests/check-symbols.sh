#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# check-symbols.sh LIST LIBRARY - the names that the shared library exports
# are those of the list, no more and no fewer, and it lacks none of its own. Keeps the ABI from changing
# unnoticed: see the rule for the version beside TROIKA_ABI in configure.ac.

set -eu
list=$1
library=$2
test -f "$library" || { echo "$library: not built (--disable-shared?)"; exit 1; }
exported=$(mktemp)
trap 'rm -f "$exported"' EXIT
nm -D --defined-only "$library" | awk '{print $NF}' | LC_ALL=C sort >"$exported"
if ! diff -u --label "$list" --label "$library" "$list" "$exported"; then
    echo "the exported symbols differ from $list; if that is meant, write them:"
    echo "nm -D --defined-only $library | awk '{print \$NF}' | LC_ALL=C sort > $list"
    exit 1
fi
undefined=$(ldd -r "$library" 2>&1 | grep '^undefined symbol: tk_\|^undefined symbol: troika_' || true)
if test -n "$undefined"; then
    echo "declared and used, but nowhere written:"
    echo "$undefined"
    exit 1
fi
echo "$(wc -l <"$list") symbols, as listed in $list"
