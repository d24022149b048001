#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# mechanisms.sh - make check once for each mechanism that makes Troika quick,
# with that one off (lib/base/mechanism.h): the tests notice nothing of it.
#
# mechanisms.sh NAME...   each with TROIKA_NAME=0; what it left is kept in
#                         mechanisms/NAME, to be counted there
# MAKE                    the command that makes

set -u
failed=0
table=
rm -rf mechanisms

# The results of a run go to a directory.
keep () {
    find tests examples -name '*.log' -o -name '*.trs' | while read -r file; do
        mkdir -p "$1/${file%/*}"
        mv "$file" "$1/$file"
    done
}

for name in "$@"; do
    begin=$(date +%s)
    echo "-- without $name"
    find tests examples -name '*.trs' -delete
    env "TROIKA_$name=0" $MAKE check || failed=1
    keep "mechanisms/$name"
    counts=$("$srcdir/tests/count.sh" "mechanisms/$name")
    seconds=$(($(date +%s) - begin))
    table="$table$(printf 'without %-10s %-40s %5d s' "$name" "$counts" $seconds)
"
done

echo
grep -l '^:global-test-result: \(FAIL\|ERROR\)' -r mechanisms --include='*.trs' |
    sed 's/^/failed: /; s/\.trs$//'
grep -l '^:global-test-result: SKIP' -r mechanisms --include='*.trs' |
    sed 's/^/skipped: /; s/\.trs$//'
grep '^\[  SKIPPED \] [a-z]' -r mechanisms --include='*.log' |
    sed 's/^/skipped: /; s/\.log:\[  SKIPPED \]//' | sort -u
printf '%s' "$table"
exit $failed
