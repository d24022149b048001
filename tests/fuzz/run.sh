#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# run.sh SRCDIR SECONDS FUZZER... - runs each libFuzzer program for that
# long, from its corpus; an input that breaks something is kept and named.

set -u
srcdir=$1
seconds=$2
shift 2
failed=0
for fuzzer in "$@"; do
    name=$(basename "$fuzzer")
    work=fuzz-work/$name
    mkdir -p "$work"
    echo "== $name, $seconds s"
    if ! "./$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -verbosity=0 -artifact_prefix="$work-found-" \
        "$work" "$srcdir/tests/fuzz/corpus/${name#fuzz_}"; then
        echo "== $name FAILED; the input is $work-found-*"
        failed=$((failed + 1))
    fi
done
echo "== $# fuzzers, $failed failed"
test $# -gt 0 && test $failed = 0
