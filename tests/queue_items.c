/* SPDX-License-Identifier: MPL-2.0 */
/* queue_items.c - items that are numbers, a queue's figures, a clock. */
#include "tests/queue_items.h"

#include <time.h>
#include "tests/stage_parts.h"

int64_t
number_of (troika_msg_t *item)
{
    int64_t number;
    CHECK_OK (troika_msg_unpack (item, "I", &number));
    troika_msg_destroy (&item);
    return number;
}

int64_t
figure (troika_queue_t *queue, const char *name)
{
    int64_t number;
    troika_msg_t *stat = CHECK_OK (troika_queue_stat (queue));
    CHECK_OK (troika_msg_unpack (stat, "{s:I}", name, &number));
    troika_msg_destroy (&stat);
    return number;
}

void
make_numbers (troika_msg_t **items, size_t count, int64_t first)
{
    for (size_t i = 0; i < count; i++)
        items[i] = CHECK_OK (troika_msg_pack ("I", first + (int64_t)i));
}

void
drop_numbers (troika_msg_t **items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        troika_msg_destroy (&items[i]);
}

int64_t
clock_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
check_took (int64_t since_ms, int64_t least_ms, int64_t most_ms)
{
    int64_t took = clock_ms () - since_ms;
    if (took < least_ms || took > most_ms * stage_scale ())
        STAGE_FAIL ("took %lld ms, wanted %lld to %lld", (long long)took,
                    (long long)least_ms, (long long)most_ms);
}

void
end_handle (troika_queue_t *queue)
{
    troika_queue_destroy (&queue);
    assert_null (queue);
}
