# SPDX-License-Identifier: MPL-2.0
# 40_join.sh - runs 40_join.py beside a manager.
test -n "$PYTHON" || { echo "no python3 with zmq and msgpack"; exit 77; }
. "$srcdir/examples/join.sh"
join "$PYTHON" "$srcdir/examples/40_join.py"
