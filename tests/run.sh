#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# run.sh - runs one test by itself: in a session and a temporary directory of
# its own, within a time limit, with nothing left behind. A process that the
# test leaves running is killed, and the test has failed.
#
# TEST_SECONDS        the limit, 180 when not set
# TROIKA_TEST_SCALE   everything takes so many times longer (valgrind: 10)
# TROIKA_TEST_TOOL    a command to run test programs under

set -u
here=$(dirname "$0")
scale=${TROIKA_TEST_SCALE:-1}
limit=$((${TEST_SECONDS:-180} * scale))
export TROIKA_TEST_SCALE="$scale"

case $1 in
*.out) set -- "$here/example.sh" "$@" ;;
*.py)
    if test -z "${PYTHON-}"; then
        echo "no python3 with zmq and msgpack (Debian: python3-zmq python3-msgpack)"
        exit 77
    fi
    set -- "$PYTHON" "$@"
    ;;
*.sh) ;;
*) set -- ${TROIKA_TEST_TOOL-} "$@" ;;
esac

supp=$(cd "$here" && pwd)
export TSAN_OPTIONS="suppressions=$supp/tsan.supp:die_after_fork=0:history_size=4${TSAN_OPTIONS:+:$TSAN_OPTIONS}"
export ASAN_OPTIONS="detect_stack_use_after_return=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export UBSAN_OPTIONS="print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"

# Short, because the names of ipc sockets may not be long.
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/troika.XXXXXX") || exit 99
export TMPDIR

# The live processes of the session whose leader is $1, as "pid command".
# Zombies do not count: they wait for a parent that is not ours to hurry.
members () {
    cat /proc/[0-9]*/stat 2>/dev/null |
        sed -n 's/^\([0-9]*\) (\(.*\)) \([A-Z]\) [0-9]* [0-9]* \([0-9]*\) .*/\1 \3 \4 \2/p' |
        awk -v session="$1" '$2 != "Z" && $3 == session {print $1, $4}'
}

kill_members () {
    members "$1" | while read -r pid name; do kill -9 "$pid" 2>/dev/null; done
}

finish () {
    kill_members "$leader"
    rm -rf "$TMPDIR"
}

setsid timeout -k 5 "$limit" "$@" &
leader=$!
trap 'finish; exit 130' INT TERM HUP
wait "$leader"
status=$?

if test $status = 124 || test $status = 137; then
    echo "run.sh: stopped, still running after $limit seconds (or killed)"
    kill_members "$leader"
fi
# A process that is about to end gets a second for it.
for attempt in 1 2 3 4 5 6 7 8 9 10; do
    left=$(members "$leader")
    test -n "$left" || break
    sleep 0.1
done
if test -n "$left"; then
    echo "run.sh: left running, killed now:"
    echo "$left" | sed 's/^/    /'
    test $status != 0 || status=1
fi
finish
exit $status
