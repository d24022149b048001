#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# cluster.sh - three hosts and what can happen to them: a manager with keys
# on one, a producer and workers on the others. In the middle a cable is
# pulled for two seconds, and a worker is killed. Every job is done.
#
#     web1 10.84.1.2 ---- 10.84.1.1 db1 10.84.2.1 ---- 10.84.2.2 web2
#
# The hosts are network namespaces. Needs root; where namespaces are not
# permitted it says so and exits with 77, which means skipped.

set -u
id=tc$$
db1=${id}d web1=${id}1 web2=${id}2
here=${TMPDIR:-/tmp}/cluster.$$
programs=
CLUSTER_KEY="a secret of the three hosts"
export CLUSTER_KEY

clean_up () {
    for program in $programs; do kill -9 "$program" 2>/dev/null; done
    for name in "$db1" "$web1" "$web2"; do
        ip netns delete "$name" 2>/dev/null
    done
    rm -rf "$here"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

skip () {
    echo "skipped: $1"
    exit 77
}

# wire HOST NUMBER: a host, and a cable from it to db1.
wire () {
    ip netns add "$1" &&
        ip link add "$1" netns "$db1" type veth peer name eth0 netns "$1" &&
        ip -n "$db1" address add "10.84.$2.1/24" dev "$1" &&
        ip -n "$1" address add "10.84.$2.2/24" dev eth0 &&
        ip -n "$db1" link set "$1" up && ip -n "$1" link set eth0 up
}

# on HOST PROGRAM ARGUMENT...: runs it there, in the background.
on () {
    host=$1 program=$2
    shift 2
    ip netns exec "$host" "./examples/$program" "$@" &
    programs="$programs $!"
}

# done_reaches COUNT: waits until so many jobs are done, for a minute.
done_reaches () {
    for _ in $(seq 600); do
        count=$(ip netns exec "$db1" ./examples/cluster_count \
            tcp://10.84.1.1:5555) || return 1
        test "$count" -lt "$1" || return 0
        sleep 0.1
    done
    echo "only $count jobs are done after a minute"
    exit 1
}

mkdir "$here" || exit 1
command -v ip >/dev/null || skip "there is no ip (Debian: iproute2)"
{ ip netns add "$db1" && ip -n "$db1" link set lo up &&
    wire "$web1" 1 && wire "$web2" 2; } 2>"$here/why" ||
    skip "no network namespaces: $(head -n 1 "$here/why")"

on "$db1" cluster_manager 'tcp://*:5555' >"$here/manager"
for _ in $(seq 300); do
    test -s "$here/manager" && break
    sleep 0.1
done
echo "db1 serves with keys"
on "$web1" cluster_producer tcp://10.84.1.1:5555
on "$web1" cluster_worker tcp://10.84.1.1:5555 web1
on "$web2" cluster_worker tcp://10.84.2.1:5555 web2
on "$web2" cluster_worker tcp://10.84.2.1:5555 victim
victim=$!

done_reaches 200
ip -n "$web2" link set eth0 down
sleep 2
ip -n "$web2" link set eth0 up
echo "web2's cable was out for two seconds"

done_reaches 800
kill -9 "$victim"
wait "$victim" 2>/dev/null
programs=$(echo "$programs" | sed "s/ $victim\$//")
echo "a worker on web2 was killed"

failed=0
for program in $programs; do
    wait "$program" || failed=1
done
programs=
tail -n 1 "$here/manager"
exit $failed
