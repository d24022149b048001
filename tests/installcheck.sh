#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# installcheck.sh - compiles and runs a small program against what has been
# installed, found by pkg-config, in C and in C++, shared and static; and that
# the tool runs.

set -eu
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
export PKG_CONFIG_PATH="$pkgconfigdir${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
export LD_LIBRARY_PATH="$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"

cat >"$directory/program.c" <<'END'
#include <troika.h>
#include <stdio.h>
#include <string.h>

int main (void)
{
    int major, minor, patch;
    char text[64];
    troika_version (&major, &minor, &patch);
    snprintf (text, sizeof text, "%d.%d.%d", major, minor, patch);
    if (strcmp (text, VERSION) != 0) {
        fprintf (stderr, "the library says it is %s\n", text);
        return 1;
    }
    if (major != TROIKA_VERSION_MAJOR || minor != TROIKA_VERSION_MINOR ||
        patch != TROIKA_VERSION_PATCH)
        return 1;
    troika_msg_t *message = troika_msg_pack ("is", 7, "seven");
    troika_msg_destroy (&message);
    troika_queue_options_t options = {1, TROIKA_LIFO, false, 0};
    options.order = TROIKA_PRIORITY;
    troika_queue_t *queue = troika_queue_new_with (NULL, &options);
    troika_queue_destroy (&queue);
    return 0;
}
END
cp "$directory/program.c" "$directory/program.cc"

try () {
    echo "installcheck: $*"
    "$@" -o "$directory/program"
    "$directory/program"
}

test "$($PKG_CONFIG --modversion troika)" = "$VERSION"
test "$("$bindir/troika" --version)" = "troika $VERSION"
define="-DVERSION=\"$VERSION\""
flags=$($PKG_CONFIG --cflags troika)
libs=$($PKG_CONFIG --libs troika)
test ! -f "$libdir/libtroika.so" ||
    try $CC $CFLAGS -Wall -Wextra -Werror "$define" $flags "$directory/program.c" $libs
if test -f "$libdir/libtroika.so" && test -n "$CXX"; then
    try $CXX -Wall -Wextra -Werror "$define" $flags "$directory/program.cc" $libs
else
    echo "installcheck: not tried in C++ (no C++ compiler, or static only)"
fi
# Debian's libzmq cannot be linked statically by what its .pc file says.
deps=$($PKG_CONFIG --libs libzmq libczmq libsodium jansson \
    "$($PKG_CONFIG --print-requires troika | sed 's/ .*//')")
test ! -f "$libdir/libtroika.a" ||
    try $CC $CFLAGS "$define" $flags "$directory/program.c" \
        "$libdir/libtroika.a" $deps -pthread
