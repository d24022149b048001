#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# example.sh - runs the example whose expected output is the file $1 and
# compares. NAME.out belongs to the program NAME, or to the script NAME.sh
# where there is one.

set -u
expected=$1
program=./examples/$(basename "$expected" .out)
script=${expected%.out}.sh
if test -f "$script"; then
    sh "$script" >"$TMPDIR/output"
else
    "$program" >"$TMPDIR/output"
fi
status=$?
diff -u "$expected" "$TMPDIR/output" || exit 1
test $status = 0 || echo "exit status $status"
exit $status
