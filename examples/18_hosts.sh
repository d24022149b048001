#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# 18_hosts.sh - an office and two tills, each on a host of its own: network
# namespaces that are joined by virtual wires and share no address.
#
#     north 10.83.1.2 ---- 10.83.1.1 office 10.83.2.1 ---- 10.83.2.2 south
#
# Needs root. Where namespaces are not permitted it says so and exits with
# 77, which means skipped.

set -u
id=tk$$
office=${id}o
here=${TMPDIR:-/tmp}/18_hosts.$$
programs=

clean_up () {
    for program in $programs; do kill "$program" 2>/dev/null; done
    for name in "$office" "${id}n" "${id}s"; do
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

# wire TILL NUMBER: a till's host, and a wire from it to the office.
wire () {
    ip netns add "$1" &&
        ip link add "$1" netns "$office" type veth peer name eth0 netns "$1" &&
        ip -n "$office" address add "10.83.$2.1/24" dev "$1" &&
        ip -n "$1" address add "10.83.$2.2/24" dev eth0 &&
        ip -n "$office" link set "$1" up && ip -n "$1" link set eth0 up
}

mkdir "$here" && mkfifo "$here/endpoint" || exit 1
command -v ip >/dev/null || skip "there is no ip (Debian: iproute2)"
{ ip netns add "$office" && ip -n "$office" link set lo up &&
    wire "${id}n" 1 && wire "${id}s" 2; } 2>"$here/why" ||
    skip "no network namespaces: $(head -n 1 "$here/why")"

ip netns exec "$office" ./examples/18_office tcp://10.83.1.1:5555 \
    tcp://10.83.2.1:5555 >"$here/endpoint" &
programs=$!
exec 3<"$here/endpoint"
read -r endpoint <&3
ip netns exec "${id}n" ./examples/18_till tcp://10.83.1.1:5555 north \
    >"$here/north" &
programs="$programs $!"
ip netns exec "${id}s" ./examples/18_till tcp://10.83.2.1:5555 south \
    >"$here/south" &
programs="$programs $!"

failed=0
for program in $programs; do
    wait "$program" || failed=1
done
echo "served at $endpoint"
cat "$here/north" "$here/south" - <&3
exit $failed
