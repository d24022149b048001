#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# runner.sh - shows that run.sh and count.sh can fail: a hang is stopped, what
# a test leaves behind is killed and makes it fail, a failure is counted.

set -u
run=$srcdir/tests/run.sh
unset TROIKA_TEST_TOOL
TROIKA_TEST_SCALE=1
export TROIKA_TEST_SCALE
failed=0

# check WORDS COMMAND...: the command succeeds.
check () {
    words=$1
    shift
    if "$@"; then
        echo "ok: $words"
    else
        echo "FAILED: $words"
        failed=1
    fi
}

script () {
    printf '#!/bin/sh\n%s\n' "$2" >"$TMPDIR/$1.sh"
    chmod +x "$TMPDIR/$1.sh"
}

# Within five seconds: a signal that was sent may be on its way.
is_gone () {
    steps=0
    while test -e "/proc/$1/exe" && test $steps -lt 50; do
        sleep 0.1
        steps=$((steps + 1))
    done
    test ! -e "/proc/$1/exe"
}

status_of () {
    "$run" "$TMPDIR/$1.sh" >"$TMPDIR/$1.output" 2>&1
    echo $?
}

script good 'test -d "$TMPDIR" && echo "$TMPDIR"'
check "a test that passes passes" test "$(status_of good)" = 0
check "its directory is removed" test ! -e "$(cat "$TMPDIR/good.output")"

script bad 'exit 1'
check "a test that fails fails" test "$(status_of bad)" = 1

script absent 'exit 77'
check "a test that cannot run says so" test "$(status_of absent)" = 77

script hang 'sleep 60'
TEST_SECONDS=1
export TEST_SECONDS
check "a hang is stopped" test "$(status_of hang)" = 124
unset TEST_SECONDS

script litter 'sleep 60 & echo $!'
check "leaving a process behind fails" test "$(status_of litter)" = 1
check "the process is killed" is_gone "$(head -n 1 "$TMPDIR/litter.output")"

# A folder as make check leaves it: two cmocka programs, of which one crashed
# within a test, and a script that failed.
mkdir "$TMPDIR/logs"
result () { echo ":global-test-result: $2" >"$TMPDIR/logs/$1.trs"; }
result one FAIL
cat >"$TMPDIR/logs/one.log" <<'END'
[ RUN      ] a
[       OK ] a
[ RUN      ] b
[  SKIPPED ] b
[ RUN      ] c
[  FAILED  ] c
[  SKIPPED ] 1 test(s), listed below:
[  SKIPPED ] b
[  FAILED  ] 1 test(s), listed below:
[  FAILED  ] c
END
result two FAIL
printf '[ RUN      ] a\n[       OK ] a\n[ RUN      ] b\n' >"$TMPDIR/logs/two.log"
result three FAIL
echo "sorry" >"$TMPDIR/logs/three.log"
result four PASS
echo "fine" >"$TMPDIR/logs/four.log"
check "results are counted one by one" test \
    "$("$srcdir/tests/count.sh" "$TMPDIR/logs")" = \
    "3 passed, 3 failed, 1 skipped"

exit $failed
