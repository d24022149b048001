#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# autogen.sh - makes ./configure from configure.ac.
#
# With --deps it first installs the Debian packages that are missing to build
# and test Troika, with apt-get, as root or by sudo, and asks nothing.
# Nothing is installed when nothing is missing.

set -eu
cd "$(dirname "$0")"

tools='gcc libc6-dev make autoconf automake libtool pkg-config'
libraries='libzmq3-dev libczmq-dev libsodium-dev libjansson-dev'
tests='libcmocka-dev python3 python3-zmq python3-msgpack'

say () { echo "autogen.sh: $*"; }
fail () { say "$*" >&2; exit 1; }

installed () {
    test "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed
}

# The C packages of MessagePack: this name up to Debian 12, that one later.
msgpack_package () {
    for name in libmsgpack-dev libmsgpack-c-dev; do
        if installed $name; then echo $name; return; fi
    done
    if apt-cache show libmsgpack-c-dev >/dev/null 2>&1; then
        echo libmsgpack-c-dev
    else
        echo libmsgpack-dev
    fi
}

missing_packages () {
    for name in $tools $libraries $(msgpack_package) $tests; do
        installed "$name" || printf ' %s' "$name"
    done
}

apt () {
    if test "$(id -u)" = 0; then
        env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"
    fi
}

install_dependencies () {
    command -v apt-get >/dev/null ||
        fail "--deps knows only Debian's apt-get; README.md lists the packages"
    missing=$(missing_packages)
    if test -z "$missing"; then
        say "every package that Troika needs is installed"
        return
    fi
    say "installing with apt-get:$missing"
    if test "$(id -u)" != 0 && ! command -v sudo >/dev/null; then
        fail "you are not root and there is no sudo; as root, run:
    apt-get install$missing"
    fi
    apt update
    # The lists may name MessagePack differently from what we knew before.
    apt install -y --no-install-recommends $(missing_packages)
    say "installed"
}

need () {
    command -v "$1" >/dev/null ||
        fail "$1 is missing (Debian package $2); ./autogen.sh --deps installs it"
}

case "${1-}" in
--deps) install_dependencies ;;
'') ;;
*) fail "usage: ./autogen.sh [--deps]" ;;
esac

need autoreconf autoconf
need automake automake
need libtoolize libtool
need pkg-config pkg-config
mkdir -p m4
autoreconf --install --force
say "now run ./configure"
