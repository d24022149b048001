# SPDX-License-Identifier: MPL-2.0
#
# join.sh - serves what 40_join.py and 41_join.mjs use, and runs one of them:
#     . join.sh; join COMMAND...     the endpoint becomes its last argument

join () {
    ./tools/troika/troika serve 'tcp://127.0.0.1:*' --queue jobs \
        --dict config --lock door >"$TMPDIR/endpoint" &
    server=$!
    trap 'kill "$server" 2>/dev/null; wait "$server"' EXIT
    tries=0
    while ! grep -q '^tcp:' "$TMPDIR/endpoint"; do
        tries=$((tries + 1))
        test "$tries" -le 300 || { echo "no server"; exit 1; }
        sleep 0.1
    done
    "$@" "$(cat "$TMPDIR/endpoint")"
}
