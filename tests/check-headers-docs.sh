#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# check-headers-docs.sh HEADER... - every exported function has a comment
# above it that begins with its name and says what it returns. Functions
# declared right below each other share a comment that names them all.

set -eu
awk '
    function complain (text) {
        printf "%s:%d: %s: %s\n", FILENAME, FNR, name, text
        bad++
    }
    FNR == 1 { comment = ""; inside = 0 }
    inside { comment = comment "\n" $0; if (/\*\//) inside = 0; next }
    /^[ \t]*\/\*/ { comment = $0; inside = !/\*\//; next }
    /^TROIKA_EXPORT/ {
        line = $0
        # The name stands on the line with the parenthesis, perhaps the next.
        while (line !~ /\(/ && (getline more) > 0)
            line = line " " more
        sub(/^TROIKA_EXPORT[ \n]*/, "", line)
        gsub(/__attribute__ *\(\(.*\)\)/, "", line)
        match(line, /troika_[a-z0-9_]+ *\(/)
        name = substr(line, RSTART, RLENGTH)
        sub(/ *\($/, "", name)
        functions++
        if (comment == "")
            complain("no comment above it")
        else {
            if (index(comment, name) == 0)
                complain("the comment above it does not name it")
            if (comment !~ /returns:/)
                complain("no \"returns:\" in the comment above it")
        }
        finished = line ~ /;/
        next
    }
    /^[ \t]*$/ && finished { comment = "" }
    /;[ \t]*$/ { finished = 1 }
    END {
        printf "%d exported functions, %d complaints\n", functions, bad
        exit bad > 0 || functions == 0
    }' "$@"
