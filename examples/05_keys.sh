#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# 05_keys.sh - a server with a secret, and three clients: with none, with
# another one, and with the right one.

set -u
here=${TMPDIR:-/tmp}/05_keys.$$
mkdir "$here" && mkfifo "$here/out" || exit 1
trap 'rm -rf "$here"' EXIT
umask 077
echo 'a secret for this example only' >"$here/secret"
echo 'somebody else'"'"'s secret' >"$here/other"

./examples/05_keys_server 'tcp://127.0.0.1:*' "$here/secret" >"$here/out" &
server=$!
exec 3<"$here/out"
read -r endpoint <&3
echo "without a secret: $(./examples/05_keys_client "$endpoint" - tea)"
echo "with another one: $(./examples/05_keys_client "$endpoint" "$here/other" tea)"
./examples/05_keys_client "$endpoint" "$here/secret" coffee cake end || exit 1
cat <&3
wait "$server"
