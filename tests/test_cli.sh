#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# test_cli.sh - the command line: every subcommand, what it prints, its exit
# status, and how it ends. Needs nothing but the tool and coreutils; waits for
# events, never for time.

set -u
troika=$PWD/tools/troika/troika
unit=$PWD/tools/systemd/troika@.service
tools=$(cd "$srcdir/tools" && pwd)
cd "$TMPDIR" || exit 1
exec 2>&1
failed=0

check () { # WORDS COMMAND...: it succeeds
    local words=$1
    shift
    if "$@"; then
        echo "ok: $words"
    else
        echo "FAILED: $words"
        failed=1
    fi
}

# gives WORDS STATUS OUTPUT COMMAND...: both are so, and nothing stands on
# standard error when the status is 0.
gives () {
    local words=$1 status=$2 output=$3 got
    shift 3
    got=$("$@" 2>error)
    local result=$?
    if test $result = "$status" && test "$got" = "$output" &&
        { test $result != 0 || test ! -s error; }; then
        echo "ok: $words"
    else
        echo "FAILED: $words"
        echo "    status $result, expected $status; output:"
        echo "$got" | head -n 20 | sed 's/^/    /'
        sed 's/^/    error: /' error
        failed=1
    fi
}

# says WORDS STATUS PATTERN COMMAND...: fails with that status and a line.
says () {
    local words=$1 status=$2 pattern=$3
    shift 3
    "$@" >output 2>error
    local result=$?
    if test $result = "$status" && grep -q -- "$pattern" error &&
        test "$(wc -l <error)" = 1; then
        echo "ok: $words"
    else
        echo "FAILED: $words"
        echo "    status $result, expected $status and '$pattern':"
        sed 's/^/    error: /' error
        failed=1
    fi
}

until_true () { # COMMAND...: until it succeeds
    local i
    for ((i = 0; i < 1000; i++)); do
        "$@" && return 0
        sleep 0.02
    done
    echo "FAILED: never came true: $*"
    failed=1
    return 1
}

figure () { # OBJECT NAME: a number of its stat
    "$troika" stat "$E#$1" | sed -n "s/.*\"$2\":\([0-9]*\).*/\1/p"
}
figure_is () { test "$(figure "$1" "$2")" = "$3"; }
holds () { test -s "$1"; }
gone () { test ! -e "/proc/$1/exe"; }

# --- help and usage

commands=$("$troika" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
check "the help lists the commands" test "$(echo $commands)" = \
    "serve put get peek drain call dict lock ls stat top keygen bench"
for command in $commands; do
    "$troika" "$command" --help >help 2>&1
    check "$command has a help with usage, options and examples" \
        test "$? $(grep -c '^Usage: troika '"$command"'\|^Options:\|^Examples:' help)" = "0 3"
    check "help $command is the same" \
        eval '"$troika" help $command | cmp - help'
done
check "the version is told" eval '"$troika" --version | grep -q "^troika [0-9]"'
"$troika" >output 2>error
check "no command is wrong usage" test "$?,$(wc -c <output)" = 2,0
says "an unknown command is refused" 2 "^troika: nonsense: " "$troika" nonsense
says "an unknown option is refused" 2 "^troika: put: .*--nonsense" \
    "$troika" put --nonsense x
says "an unknown letter is refused" 2 "^troika: put: .*-x" "$troika" put -x y
says "a missing argument is refused" 2 "^troika: get: .*--timeout" \
    "$troika" get ipc:///x --timeout
says "a number that is none is refused" 2 "^troika: get: --count 3x" \
    "$troika" get ipc:///x --count 3x
says "a count of 0 is refused" 2 "^troika: get: --count 0" \
    "$troika" get ipc:///x --count 0
says "a time that is none is refused" 2 "^troika: get: --timeout 5h" \
    "$troika" get ipc:///x --timeout 5h
says "a time too long is refused" 2 "^troika: get: --timeout 99999999s" \
    "$troika" get ipc:///x --timeout 99999999s
says "a missing operand is refused" 2 "^troika: put: ENDPOINT" "$troika" put
says "an operand too many is refused" 2 "^troika: ls: " "$troika" ls a b
says "an endpoint that is none is refused" 2 "^troika: nowhere: " \
    "$troika" get nowhere

# --- what is installed beside it

page=$tools/troika.1
check "the manual page has every command" eval \
    'for c in $commands; do grep -q "^\.SS .*\<$c\>" "$page" || { echo $c; false; }; done'
options=$(for c in $commands; do "$troika" $c --help; done |
    sed -n 's/^  *\(-.,  *\)*--\([a-z-]*\).*/\2/p' | sort -u)
check "and every option" eval \
    'for o in $options; do sed "s/\\\\//g" "$page" | grep -q -e "--$o\>" || { echo $o; exit 1; }; done'
complete_words () { # WORD...: what completion offers for the last one
    bash --norc -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _troika "$1" "${@: -1}" "${@: -2:1}"; echo "${COMPREPLY[*]}"' \
        "$tools/completion/troika" "$troika" "$@"
}
gives "completion knows every command" 0 \
    "$(echo $commands) help --help --version" complete_words ''
gives "completes commands" 0 "put peek" complete_words p
gives "completes options" 0 "--timeout" complete_words get --ti
gives "completes actions" 0 "set setdefault" complete_words dict se
if command -v systemd-analyze >/dev/null; then
    sed "s|^ExecStart=[^ ]*|ExecStart=$troika|" "$unit" >troika@x.service
    check "systemd takes the unit" \
        systemd-analyze verify --man=no "$TMPDIR/troika@x.service"
fi

# --- errors before there is a manager

says "nobody there" 5 "^troika: ipc://$TMPDIR/none: no manager.*within [0-9]* ms" \
    "$troika" ls "ipc://$TMPDIR/none" --connect-timeout 100
says "nobody there for a lock" 125 "^troika: ipc://$TMPDIR/none#l: no manager" \
    "$troika" lock "ipc://$TMPDIR/none#l" --connect-timeout 100 true
says "serve without a directory" 4 "^troika: ipc://$TMPDIR/no/x: " \
    "$troika" serve "ipc://$TMPDIR/no/x"
for bad in '--queue q:x' '--queue :5' '--queue q:deliveries=' '--dict d:5' \
    '--array a:i' '--array a:z,5' '--barrier b' '--barrier b:0' \
    '--semaphore s:1,free' '--value v:{' '--queue x --dict x'; do
    says "serve $bad is refused" 2 "^troika: " \
        "$troika" serve 'tcp://127.0.0.1:*' $bad
done

# --- a manager

serve () { # FILE ARGUMENTS...: in the background; its pid is $!
    local file=$1
    shift
    env --default-signal=INT "$troika" serve "$@" >"$file" 2>"$file.error" &
}
serve endpoint 'tcp://127.0.0.1:*' "ipc://$TMPDIR/second" \
    --queue jobs:1000 --queue small:2 --queue first:priority \
    --queue careful:ack,deliveries=3 --queue last:lifo --dict config --list l \
    --value v:'{"a":[1,2]}' --array a:i,10 --lock lock --rlock rlock \
    --semaphore s:2,bounded --barrier b:3 --event e --namespace ns \
    --condition c
server=$!
until_true holds endpoint
E=$(cat endpoint)
check "serve prints the real endpoint" \
    eval '[[ $E =~ ^tcp://127.0.0.1:[0-9]+$ ]]'
gives "all objects are there" 0 16 eval '"$troika" ls $E | wc -l'
gives "ls tells name and type" 0 '{"name":"config","type":"dict"}' \
    eval '"$troika" ls $E | grep config'
gives "the second endpoint works, too" 0 16 \
    eval '"$troika" ls "ipc://$TMPDIR/second" | wc -l'
says "ls of what is not there" 4 "^troika: $E#zz: " "$troika" ls "$E#zz"
gives "a value begins as told" 0 '{"a":[1,2]}' "$troika" call "$E#v" get
says "an address in use" 1 "^troika: $E: " "$troika" serve "$E"

# --- put, get, peek, drain

gives "operands are put" 0 '' "$troika" put "$E#jobs" 1 '{"id":2}' '"three"'
gives "stat counts them" 0 3 figure jobs size
gives "peek shows the first" 0 1 "$troika" peek "$E#jobs" --count 1
gives "peek shows all and takes none" 0 $'1\n{"id":2}\n"three"' \
    "$troika" peek "$E#jobs"
gives "get takes one" 0 1 "$troika" get "$E#jobs"
gives "get takes several" 0 $'{"id":2}\nthree' \
    "$troika" get "$E#jobs" -n 2 --raw -t 30s
says "get of nothing would wait" 3 "^troika: $E#jobs: " \
    "$troika" get "$E#jobs" --timeout 0
says "an endpoint is told once" 3 "after [0-9]* ms$" \
    "$troika" get "$E#jobs" --timeout 100
says "get waits so long" 3 "^troika: $E#jobs: " \
    "$troika" get "$E#jobs" --timeout 100ms
gives "drain of nothing is fine" 0 '' "$troika" drain "$E#jobs"
says "no such queue" 4 "^troika: $E#nope: " "$troika" get "$E#nope"
says "a dict is no queue" 4 "^troika: $E#config: " "$troika" get "$E#config"
gives "an item after a minus" 0 '' "$troika" put "$E#jobs" -- -5
gives "comes as it went" 0 -5 "$troika" get "$E#jobs"

seq 900 | "$troika" put "$E#jobs"
gives "lines of JSON come out in order" 0 "$(seq 900)" \
    "$troika" drain "$E#jobs"
seq 2500 | "$troika" put "$E#jobs" &
putter=$!
gives "more than the queue holds passes through" 0 "$(seq 2500)" \
    "$troika" get "$E#jobs" --count 2500 --timeout 30s
check "and the put ends" wait $putter
printf '\n1\n  \n2' | "$troika" put "$E#jobs"
gives "empty lines are no items, a last line needs no end" 0 $'1\n2' \
    "$troika" drain "$E#jobs"
printf 'a "b"\n\n{\n' | "$troika" put "$E#jobs" --lines
gives "lines are strings" 0 $'"a \\"b\\""\n""\n"{"' \
    "$troika" drain "$E#jobs"
printf 'with\nnewline\0second\0' | "$troika" put "$E#jobs" --lines -0
gives "lines may end with NUL" 0 $'"with\\nnewline"\n"second"' \
    "$troika" drain "$E#jobs"
printf 'x\ny\0z\0' | "$troika" put "$E#jobs" -l0
"$troika" drain "$E#jobs" --raw --null | cmp - <(printf 'x\ny\0z\0')
check "and come back so" test $? = 0
head -c 200000 /dev/zero | tr '\0' x | "$troika" put "$E#jobs" --lines
gives "a long line is one item" 0 200001 \
    eval '"$troika" drain "$E#jobs" --raw | wc -c'
says "a bad line is told by its number" 8 "^troika: $E#jobs: line 3: " \
    eval 'printf "1\n2\n{\n4\n" | "$troika" put "$E#jobs"'
gives "what stood before it is in the queue" 0 $'1\n2' \
    "$troika" drain "$E#jobs"
says "a bad operand is told" 8 "^troika: $E#jobs: \[1,: " \
    "$troika" put "$E#jobs" '[1,'
says "a NUL in JSON is told" 8 "^troika: $E#jobs: line 1: " \
    eval 'printf "\"a\0b\"\n" | "$troika" put "$E#jobs"'
says "a line that is not UTF-8 is told" 8 "^troika: $E#jobs: line 1: " \
    eval 'printf "\377\n" | "$troika" put "$E#jobs" --lines'

(printf '1\n'; until_true figure_is jobs size 1 >&2; printf '2\n') |
    "$troika" put "$E#jobs"
gives "a line is put before the next one is there" 0 $'1\n2' \
    "$troika" drain "$E#jobs"

seq 2 | "$troika" put "$E#small"
says "put into a full queue would wait" 3 "^troika: $E#small: " \
    "$troika" put "$E#small" 3 --timeout 0
says "it says how many went in" 3 "(1 were put before)" \
    eval '"$troika" get "$E#small" >/dev/null && "$troika" put "$E#small" 3 4 --timeout 0'
gives "and these are there" 0 $'2\n3' "$troika" drain "$E#small"
for n in 5 1 -3; do
    "$troika" put "$E#first" --priority $n -- $n
done
gives "priorities order" 0 $'-3\n1\n5' "$troika" drain "$E#first"
says "a plain queue has no priorities" 1 "^troika: $E#jobs: " \
    "$troika" put "$E#jobs" --priority 1 1

unfinished=$(figure jobs unfinished)
"$troika" put "$E#jobs" 1 2
gives "drain takes both" 0 $'1\n2' "$troika" drain "$E#jobs" --done
gives "and counts them as done for who joins" 0 "$unfinished" \
    figure jobs unfinished
seq 3 | "$troika" put "$E#careful"
gives "an item that was written is acknowledged" 0 $'1\n2\n3' \
    "$troika" get "$E#careful" --count 3 --timeout 30s
gives "so it does not come back" 0 '0 0' \
    eval 'echo $(figure careful in_flight) $(figure careful size)'

# --- ends of pipes

"$troika" put "$E#jobs" '"kept"'
mkfifo pipe
exec 4<>pipe 5>pipe 4>&-
"$troika" get "$E#jobs" >&5 2>error
exec 5>&-
check "a reader that is gone is no message" test ! -s error
until_true figure_is jobs in_flight 0
gives "and the item is not lost" 0 '"kept"' "$troika" get "$E#jobs" -t 5s
"$troika" put "$E#jobs" '"kept"'
says "a full disk is told" 1 "^troika: standard output: " \
    eval '"$troika" get "$E#jobs" >/dev/full'
until_true figure_is jobs in_flight 0
gives "and the item is not lost then" 0 '"kept"' \
    "$troika" get "$E#jobs" -t 5s
says "closed output is told" 1 "^troika: standard output: " \
    eval '"$troika" ls "$E" >&-'
seq 900 | "$troika" put "$E#jobs"
gives "drain into head ends" 0 1 \
    eval '"$troika" drain "$E#jobs" 2>error | head -n 1; cat error'
"$troika" call "$E#jobs" stat >/dev/null
until_true figure_is jobs in_flight 0
"$troika" drain "$E#jobs" >/dev/null

# --- follow, and its ends

"$troika" get "$E#jobs" --follow >followed 2>followed.error &
follower=$!
"$troika" put "$E#jobs" 1
until_true holds followed
kill -TERM $follower
wait $follower
check "a signal ends get, which says so" test $? = 143
check "quietly" test ! -s followed.error
until_true figure_is jobs in_flight 0
gives "what it printed is taken for good" 0 0 figure jobs size
"$troika" get "$E#last" --follow >followed &
follower=$!
seq 3 | "$troika" put "$E#last"
gives "shutdown is a call" 0 null "$troika" call "$E#last" shutdown false
check "to follow a queue to its end is success" wait $follower
check "with all items" test "$(sort followed | tr '\n' ' ')" = "1 2 3 "
says "get after the end" 7 "^troika: $E#last: " "$troika" get "$E#last"
says "put after the end" 7 "^troika: $E#last: " "$troika" put "$E#last" 1

# --- call and dict

gives "a call with arguments" 0 null "$troika" call "$E#l" extend '[1,{"a":2}]'
gives "prints its answer" 0 '{"a":2}' "$troika" call "$E#l" get 1
gives "a negative argument" 0 '{"a":2}' "$troika" call "$E#l" get -- -1
gives "a cast prints nothing" 0 '' "$troika" call --cast "$E#l" append 3
gives "but is done" 0 3 "$troika" call "$E#l" len
says "no such method" 4 "^troika: $E#l: " "$troika" call "$E#l" nonsense
says "wrong arguments" 2 "^troika: $E#l: " "$troika" call "$E#l" get '"x"'
says "an argument that is no JSON" 8 "^troika: $E#l: x: " \
    "$troika" call "$E#l" append x
says "a call that would wait" 3 "^troika: $E#e: " \
    "$troika" call "$E#e" wait --timeout 0

D=$E#config
gives "dict set" 0 '' "$troika" dict set "$D" k '{"x":1}'
gives "dict get" 0 '{"x":1}' "$troika" dict get "$D" k
says "dict get of no key" 4 "^troika: $D: .*nope" "$troika" dict get "$D" nope
gives "dict get with a default" 0 null "$troika" dict get "$D" nope null
gives "dict has" 0 true "$troika" dict has "$D" k
gives "dict has not" 1 false "$troika" dict has "$D" nope
gives "dict add" 0 5 "$troika" dict add "$D" n 5
gives "dict add to less" 0 4 "$troika" dict add "$D" n -- -1
gives "dict setdefault" 0 4 "$troika" dict setdefault "$D" n 9
gives "dict cas" 0 '' "$troika" dict cas "$D" n 4 '"x y"'
says "dict cas fails" 1 "^troika: $D: " "$troika" dict cas "$D" n 4 5
gives "dict get raw" 0 'x y' "$troika" dict get "$D" n --raw
gives "dict keys" 0 $'"k"\n"n"' "$troika" dict keys "$D"
gives "dict values" 0 $'{"x":1}\n"x y"' "$troika" dict values "$D"
gives "dict items" 0 $'["k",{"x":1}]\n["n","x y"]' "$troika" dict items "$D"
gives "dict update" 0 '' "$troika" dict update "$D" '{"m":1}'
gives "dict len" 0 3 "$troika" dict len "$D"
gives "dict pop" 0 1 "$troika" dict pop "$D" m
gives "dict del" 0 '' "$troika" dict del "$D" n
gives "a key of JSON" 0 '' "$troika" dict set -j "$D" '[1]' true
gives "is that key" 0 '[1]' eval '"$troika" dict keys "$D" | tail -n 1'
says "dict wait ends in time" 3 "^troika: $D: " \
    "$troika" dict wait "$D" later --timeout 50
gives "dict clear" 0 '' "$troika" dict clear "$D"
says "dict does not know that" 2 "^troika: dict: " "$troika" dict frob "$D" k
says "dict set without a value" 2 "^troika: dict: set" \
    "$troika" dict set "$D" k
says "a queue is no dict" 4 "^troika: $E#jobs: " \
    "$troika" dict get "$E#jobs" k

# --- lock

L=$E#lock
gives "lock passes the status on" 7 '' "$troika" lock "$L" sh -c 'exit 7'
gives "and arguments, input and output" 0 '-n a b in' eval \
    'echo in | "$troika" lock "$L" sh -c '\''echo "$1 $2 $(cat)"'\'' sh -n "a b"'
gives "options of the command are its own" 0 '--timeout -h' \
    "$troika" lock "$L" echo --timeout -h
gives "-- may stand before it" 0 'x' "$troika" lock "$L" -- echo x
gives "options may stand behind the endpoint" 0 'x' \
    "$troika" lock "$L" --timeout 5s -- echo x
gives "and before it" 0 'x' "$troika" lock -t 5s "$L" echo x
one=$("$troika" lock "$L" sh -c 'echo $TROIKA_TOKEN')
two=$("$troika" lock "$L" sh -c 'echo $TROIKA_TOKEN')
check "tokens grow" test "$one" -gt 0 -a "$two" -gt "$one"
gives "the endpoint is told" 0 "$L" "$troika" lock "$L" printenv TROIKA_LOCK
says "no command there" 127 "^troika: ./none: " "$troika" lock "$L" ./none
says "a command that cannot run" 126 "^troika: ./endpoint: " \
    "$troika" lock "$L" ./endpoint
says "no such lock" 125 "^troika: $E#nope: " "$troika" lock "$E#nope" true
says "lock wants a command" 2 "^troika: lock: " "$troika" lock "$L"
gives "a killed command is 128 and more" 137 '' \
    "$troika" lock "$L" sh -c 'kill -KILL $$'
gives "it leaves no socket to the command" 0 "$(ls /proc/self/fd)" \
    "$troika" lock "$L" ls /proc/self/fd

mkfifo started
"$troika" lock "$L" sh -c 'echo $$ >started; exec sleep 100' &
holder=$!
read -r sleeper <started
says "a held lock is not waited for" 124 "^troika: $L: " \
    "$troika" lock "$L" -t 0 true
says "or for so long" 124 "^troika: $L: " "$troika" lock "$L" -t 100 true
"$troika" lock "$L" sh -c 'echo "${TROIKA_ABANDONED-no}"' >next &
waiter=$!
until_true figure_is lock waiters 1
kill -KILL $holder
wait $holder
check "the lock of a killed holder goes on" wait $waiter
check "the next holder is told" test "$(cat next)" = 1
until_true gone "$sleeper"
check "and its command does not outlive it" gone "$sleeper"
gives "later ones are not told" 0 no \
    "$troika" lock "$L" sh -c 'echo "${TROIKA_ABANDONED-no}"'

# ThreadSanitizer keeps a signal from its handler for as long as waitid waits.
if ! grep -q __tsan_init "$troika"; then
    "$troika" lock "$L" sh -c 'trap "kill \$!; exit 9" TERM
        sh -c "echo >started; exec sleep 100" & wait' &
    holder=$!
    read -r _ <started
    kill -TERM $holder
    wait $holder
    check "SIGTERM goes to the command, its status comes back" test $? = 9
fi
"$troika" lock "$L" sh -c 'echo >started; cat pipe' >/dev/null &
holder=$!
read -r _ <started
"$troika" lock "$L" true 2>error &
waiter=$!
until_true figure_is lock waiters 1
kill -TERM $waiter
wait $waiter
check "a signal ends the waiting for a lock" test $? = 143
until_true figure_is lock waiters 0
: >pipe
check "and the holder is not disturbed" wait $holder

# --- top and bench

seq 3 | "$troika" put "$E#jobs"
"$troika" top "$E" --once --interval 50 >table 2>error
check "top prints one table" test "$?,$(wc -l <table),$(wc -c <error)" = 0,17,0
check "with titles" eval 'head -n 1 table | grep -q "NAME .*SIZE .*PUT/S .*HOLDER"'
check "and a queue's figures" grep -q '^jobs  *queue  *3  *1000  *0  *0  *0  *0  *-$' table
gives "top of one object" 0 2 eval '"$troika" top "$E#jobs" -i 10 | wc -l'
gives "control characters do not reach the terminal" 0 0 eval \
    '"$troika" serve "ipc://$TMPDIR/odd" --dict $'\''a\e[2J'\'' >odd.endpoint & odd=$!
     until_true holds odd.endpoint; "$troika" top "ipc://$TMPDIR/odd" -i 10 | grep -c $'\''\e'\''
     kill $odd; wait $odd'
if command -v script >/dev/null; then
    script -qec "'$troika' top '$E' --interval 50 --count 2" /dev/null \
        </dev/null >screen
    check "top refreshes on a terminal" \
        test "$?,$(grep -c $'\e\[H' screen)" = 0,2
fi
"$troika" drain "$E#jobs" >/dev/null
"$troika" bench "$E" --count 200 --size 50 >measures 2>error
check "bench measures three things" test \
    "$?,$(sed 's/.*"what":"\([a-z]*\)","count":200,.*/\1/' measures | xargs),$(wc -c <error)" = "0,put get call,0"
gives "and leaves nothing behind" 0 16 eval '"$troika" ls $E | wc -l'

# --- keygen

umask 022
gives "keygen writes a certificate" 0 '' "$troika" keygen me
check "its secret half is private" test "$(stat -c %a me_secret)" = 600
check "the public one tells no secret" \
    eval '! grep -q secret-key me && grep -q "public-key = \".\{40\}\"" me'
check "both have the same public key" test \
    "$(grep public-key me)" = "$(grep public-key me_secret)"
says "a key that is there is kept" 1 "^troika: me: .*--force" "$troika" keygen me
cp me_secret old
gives "unless it is to go" 0 '' "$troika" keygen me --force
check "then it is another" eval '! cmp -s old me_secret'
gives "keygen writes a secret" 0 '' "$troika" keygen --authkey key
check "which is private, too" test "$(stat -c %a,%s key)" = 600,65
says "keygen where nothing can be written" 1 "^troika: none/me: " \
    "$troika" keygen none/me

# --- keys

served () { # WORDS KEY OPTIONS...: a server with these, met with and without
    local words=$1 options=$2
    shift 2
    rm -f secured
    serve secured 'tcp://127.0.0.1:*' --dict d "$@"
    local pid=$!
    until_true holds secured
    gives "$words lets its like in" 0 '{"name":"d","type":"dict"}' \
        "$troika" ls "$(cat secured)" $options
    says "$words lets in nobody else" 6 "^troika: tcp:" \
        "$troika" ls "$(cat secured)"
    says "nor who has another secret" 6 "^troika: tcp:" \
        "$troika" ls "$(cat secured)" --authkey-file other
    kill $pid
    wait $pid
}
"$troika" keygen --authkey other
served "a shared secret" "--authkey-file key" --authkey-file key
mkdir trusted.server trusted.client
"$troika" keygen server
cp me trusted.server
cp server trusted.client
served "a certificate" "--cert me --trusted trusted.client" \
    --cert server --trusted trusted.server
: >empty
says "an empty secret" 2 "^troika: empty: " "$troika" ls "$E" --authkey-file empty
says "no file of a secret" 2 "^troika: none: " \
    "$troika" ls "$E" --authkey-file none
says "too large a file of a secret" 2 "^troika: /dev/zero: " \
    "$troika" ls "$E" --authkey-file /dev/zero
says "no certificate" 2 "^troika: none: " \
    "$troika" ls "$E" --cert none --trusted .
says "a certificate and nobody trusted" 2 "^troika: ls: --cert and" \
    "$troika" ls "$E" --cert me
says "two kinds of keys" 2 "^troika: ls: .*exclude" \
    "$troika" ls "$E" --cert me --trusted . --authkey-file key
says "open to all without keys" 6 "^troika: tcp://\*:\*: " \
    "$troika" serve 'tcp://*:*'
serve open 'tcp://*:*' --plaintext
opened=$!
until_true holds open
kill $opened
check "unless that is permitted" wait $opened

# --- the end of serve

"$troika" get "$E#jobs" 2>late &
waiter=$!
until_true figure_is jobs waiting_gets 1
kill -TERM $server
wait $server
check "SIGTERM ends serve in good order" test $? = 0
wait $waiter
check "who waits is told" test $? = 7
check "serve had nothing to complain" test ! -s endpoint.error
sed 's/^/    /' endpoint.error
check "its sockets are gone" test ! -e second -a ! -e second.cast
serve third.endpoint "ipc://$TMPDIR/third"
server=$!
until_true holds third.endpoint
kill -INT $server
wait $server
check "so does SIGINT" test $? = 0

exit $failed
