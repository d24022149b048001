#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# count.sh - adds up what make check ran below the directories given: each
# cmocka test function, each example and each script is one.
# Prints "P passed, F failed, S skipped".
#
# A cmocka test that was begun and has no result has failed (its program
# crashed or was stopped); a program that failed though all its tests passed
# counts as one failure more (a sanitizer at exit).

set -u
find "${@:-.}" -name '*.trs' -print | sort | while read -r trs; do
    result=$(sed -n 's/^:global-test-result: //p' "$trs")
    log=${trs%.trs}.log
    awk -v result="$result" '
        /^\[ RUN      \]/ {run++}
        /^\[       OK \]/ {ok++}
        /^\[  SKIPPED \] [0-9]+ test\(s\), listed below/ {skipped += $4}
        END {
            if (run) {
                failed = run - ok - skipped
                if (result !~ /^(PASS|SKIP)/ && !failed)
                    failed = 1
                print ok + 0, failed, skipped + 0
            } else if (result ~ /^(PASS|XFAIL)/)
                print 1, 0, 0
            else if (result ~ /^SKIP/)
                print 0, 0, 1
            else
                print 0, 1, 0
        }' "$log"
done | awk '{p += $1; f += $2; s += $3}
    END {printf "%d passed, %d failed, %d skipped\n", p, f, s}'
