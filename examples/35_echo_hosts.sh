#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# 35_echo_hosts.sh - the echo server on one host, its client on another:
# network namespaces that are joined by a virtual wire. What goes over the
# wire is encrypted.
#
#     server 10.84.1.1 ---- 10.84.1.2 client
#
# Needs root. Where namespaces are not permitted it says so and exits with
# 77, which means skipped.

set -u
server=tk$$s
client=tk$$c
here=${TMPDIR:-/tmp}/35_echo_hosts.$$
program=

clean_up () {
    test -z "$program" || kill "$program" 2>/dev/null
    ip netns delete "$server" 2>/dev/null
    ip netns delete "$client" 2>/dev/null
    rm -rf "$here"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

skip () {
    echo "skipped: $1"
    exit 77
}

wire () {
    ip netns add "$server" && ip netns add "$client" &&
        ip link add eth0 netns "$server" type veth \
            peer name eth0 netns "$client" &&
        ip -n "$server" link set lo up && ip -n "$client" link set lo up &&
        ip -n "$server" address add 10.84.1.1/24 dev eth0 &&
        ip -n "$client" address add 10.84.1.2/24 dev eth0 &&
        ip -n "$server" link set eth0 up && ip -n "$client" link set eth0 up
}

mkdir "$here" && mkfifo "$here/endpoint" || exit 1
command -v ip >/dev/null || skip "there is no ip (Debian: iproute2)"
wire 2>"$here/why" || skip "no network namespaces: $(head -n 1 "$here/why")"

export ECHO_SECRET='a long and secret text'
ip netns exec "$server" ./examples/33_echo_server 'tcp://*:5555' \
    >"$here/endpoint" &
program=$!
read -r endpoint <"$here/endpoint"
echo "listens at $endpoint"
ip netns exec "$client" ./examples/33_echo_client tcp://10.84.1.1:5555 \
    hello from another host || exit 1
wait "$program" || exit 1
program=
