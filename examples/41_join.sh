# SPDX-License-Identifier: MPL-2.0
# 41_join.sh - runs 41_join.mjs beside a manager, with zeromq and
# @msgpack/msgpack installed from npm for the time of the test.
command -v node >/dev/null && command -v npm >/dev/null ||
    { echo "no node and npm"; exit 77; }
cp "$srcdir/examples/41_join.mjs" "$TMPDIR/"
(cd "$TMPDIR" && npm install --no-audit --no-fund --loglevel=error --prefix . \
    zeromq@6 @msgpack/msgpack@3 >npm.log 2>&1) ||
    { echo "npm could not install zeromq and @msgpack/msgpack:"; \
      tail -n 3 "$TMPDIR/npm.log"; exit 77; }
. "$srcdir/examples/join.sh"
join node "$TMPDIR/41_join.mjs"
