#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# without_membarrier.sh - the tests of what threads share once more, where the
# kernel puts no barriers into them: TROIKA_MEMBARRIER=0.

set -u
TROIKA_MEMBARRIER=0
export TROIKA_MEMBARRIER
failed=0
for name in bias hazard queue queue_fast queue_shutdown threads turnstile; do
    [ -x "tests/test_$name" ] || exit 77
    "tests/test_$name" || failed=1
done
exit $failed
