#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# queue_without_ahead.sh - the tests of the queue once more, with nothing
# handed ahead of need and no place reserved: TROIKA_PREFETCH=0.

set -u
TROIKA_PREFETCH=0
export TROIKA_PREFETCH
failed=0
for name in queue queue_ahead queue_bound queue_order queue_places \
    queue_redelivery queue_shutdown; do
    [ -x "tests/test_$name" ] || exit 77
    "tests/test_$name" || failed=1
done
exit $failed
