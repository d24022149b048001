#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# 34_echo_ipc.sh - the echo server and three clients at once, over ipc.

set -u
here=${TMPDIR:-/tmp}/34_echo_ipc.$$
mkdir "$here" && mkfifo "$here/endpoint" || exit 1
trap 'rm -rf "$here"' EXIT

./examples/33_echo_server "ipc://$here/socket" 3 >"$here/endpoint" &
programs=$!
read -r endpoint <"$here/endpoint"
for who in first second third; do
    ./examples/33_echo_client "$endpoint" hello from the $who >"$here/$who" &
    programs="$programs $!"
done

failed=0
for program in $programs; do
    wait "$program" || failed=1
done
cat "$here/first" "$here/second" "$here/third"
exit $failed
