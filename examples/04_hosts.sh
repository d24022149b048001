#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# 04_hosts.sh - one kitchen and two guests, three programs that share nothing
# but an endpoint. Who eats which dish is chance, so the list is sorted.

set -u
here=${TMPDIR:-/tmp}/04_hosts.$$
mkdir "$here" && mkfifo "$here/endpoint" || exit 1
trap 'rm -rf "$here"' EXIT

./examples/04_kitchen 'tcp://127.0.0.1:*' 2 >"$here/endpoint" &
kitchen=$!
read -r endpoint <"$here/endpoint"
./examples/04_guest "$endpoint" >"$here/first" &
first=$!
./examples/04_guest "$endpoint" >"$here/second" &
second=$!

failed=0
for program in $kitchen $first $second; do
    wait "$program" || failed=1
done
sort -n -k 3 "$here/first" "$here/second"
exit $failed
