#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# check-man.sh PAGE... - each page reads without a warning by groff and, where
# it is installed, mandoc, and has a NAME that whatis understands.

set -eu
bad=0
complain () { echo "$1: $2"; bad=$((bad + 1)); }

for page in "$@"; do
    warnings=$(groff -man -Tutf8 -ww -z "$page" 2>&1) || true
    [ -z "$warnings" ] || complain "$page" "groff: $warnings"
    if command -v mandoc >/dev/null; then
        # The date is left out on purpose: the same source, the same page.
        warnings=$(mandoc -T lint -W warning "$page" 2>&1 |
            grep -v 'missing date' || true)
        [ -z "$warnings" ] || complain "$page" "mandoc: $warnings"
    fi
    grep -A1 '^\.SH NAME' "$page" | grep -q '\\-' ||
        complain "$page" "no NAME"
done
echo "$# pages, $bad complaints"
[ "$bad" -eq 0 ] && [ "$#" -gt 0 ]
