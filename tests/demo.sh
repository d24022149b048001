#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# demo.sh - the demo on a small tree of odd names: its list equals the one
# made here, and it fails when sha256sum says something else.

set -u
tree="$TMPDIR/a tree"
mkdir -p "$tree/deep/er/.hidden" "$tree/empty" "$tree/-n" || exit 1
odd () { printf '%s' "$2" >"$tree/$(printf "$1")"; }
odd 'plain' 'some text'
odd 'empty file' ''
odd 'new\nline' 'x'
odd 'trailing newline\n.' 'x'
odd 'back\\slash' 'x'
odd 'carriage\rreturn' 'x'
odd 'tab\tand "quotes" and $HOME' 'x'
odd 'not UTF-8 \377\376' 'y'
odd 'h\303\251llo' 'z'
odd './-n/-c' 'dashes'
odd 'deep/er/.hidden/*' 'a star'
head -c 300000 /dev/zero >"$tree/large"
ln -s plain "$tree/link" && ln -s . "$tree/loop" && mkfifo "$tree/fifo"
printf 'secret' >"$tree/unreadable" && chmod 0 "$tree/unreadable"

LC_ALL=C
export LC_ALL
failed=0
expected () {
    find "$1" -type f -print0 | xargs -0 -r sha256sum 2>/dev/null | sort
}

compare () { # NAME DIRECTORY
    ./examples/demo -o "$TMPDIR/list" "$2" >"$TMPDIR/said" 2>&1
    status=$?
    expected "$2" >"$TMPDIR/expected"
    if test $status != 0 || ! cmp "$TMPDIR/expected" "$TMPDIR/list" ||
        test "$(grep -c ', the same as find' "$TMPDIR/said")" != 2; then
        echo "$1: exit status $status"
        cat "$TMPDIR/said"
        failed=1
    fi
}

compare "a tree of odd names" "$tree"
compare "the same with a slash" "$tree/"
compare "one file" "$tree/plain"
compare "an empty directory" "$tree/empty"
(cd "$tree" && expected . | wc -l) | grep -qx ' *1[0-9]' || {
    echo "the tree has not the files it should have"
    failed=1
}

# A sha256sum that tells something else must be noticed.
mkdir "$TMPDIR/bin"
printf '#!/bin/sh\n/usr/bin/sha256sum "$@" | sed s/0/1/\n' \
    >"$TMPDIR/bin/sha256sum"
chmod +x "$TMPDIR/bin/sha256sum"
if PATH="$TMPDIR/bin:$PATH" ./examples/demo "$tree" >"$TMPDIR/said" 2>&1; then
    echo "a difference went unnoticed"
    cat "$TMPDIR/said"
    failed=1
fi
chmod 600 "$tree/unreadable"
exit $failed
