#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# example.sh - runs the example whose expected output is the file $1 and
# compares. NAME.out belongs to the program NAME, or to the script NAME.sh
# where there is one. Exit status 77 means skipped; the output says why.

set -u
expected=$1
program=./examples/$(basename "$expected" .out)
script=${expected%.out}.sh
number=$(basename "$expected" | cut -c 1-2)
source=$(grep -lE 'fork \(|troika_process_start' "${expected%/*}/${number}"_*.c \
    2>/dev/null)
# A forked child that starts threads is more than sanitizers can take, see
# tests/sanitized.h.
if test -n "$source" &&
    grep -qE '__(asan|tsan)_init' "$program"; then
    echo "a sanitizer, and $source uses forked children"
    exit 77
fi
if test -f "$script"; then
    sh "$script" >"$TMPDIR/output"
else
    "$program" >"$TMPDIR/output"
fi
status=$?
test $status != 77 || { cat "$TMPDIR/output"; exit 77; }
diff -u "$expected" "$TMPDIR/output" || exit 1
test $status = 0 || echo "exit status $status"
exit $status
