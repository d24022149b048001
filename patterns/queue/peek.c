/* SPDX-License-Identifier: MPL-2.0 */
/*
 * peek.c - shows items that wait, and leaves them where they are.
 *
 * Changes nothing: neither order nor delivery counts, and, as it is no use
 * of the queue, it does not confirm what its caller took before.
 */
#include "state.h"

#include <errno.h>
#include "lib/base/runtime.h"
#include "lib/msg/lend.h"
#include "lib/object/call.h"

typedef struct {
    tk_buffer_t reply;
    uint32_t count;
    uint64_t max;
} peek_t;

static bool
write_items (void *context, const tk_run_t *run, uint32_t deliveries)
{
    peek_t *self = context;
    (void)deliveries;
    size_t used = tk_buffer_total (&self->reply);
    self->count += tk_run_write (run, self->max - self->count,
                                 TK_TOGETHER - used, &self->reply);
    return self->count < self->max &&
           tk_buffer_total (&self->reply) < TK_TOGETHER;
}

static void
answer (tk_queue_state_t *queue, troika_call_t *call, uint64_t max)
{
    peek_t peek = {.max = max};
    tk_buffer_init (&peek.reply);
    tk_write_array (&peek.reply, 2);
    tk_write_nil (&peek.reply);
    size_t at = tk_write_array32 (&peek.reply);
    if (tk_store_walk (queue->store, write_items, &peek))
        peek.reply.failed = true;
    tk_patch_array32 (&peek.reply, at, peek.count);
    tk_call_reply_buffer (call, &peek.reply);
}

/* [?max], 1 -> [item, …] */
int
tk_queue_on_peek (void *queue, troika_call_t *call)
{
    const troika_msg_t *args = troika_call_args (call);
    tk_cursor_t cursor =
        tk_cursor (troika_msg_data (args), troika_msg_size (args));
    uint32_t count;
    uint64_t max = 1;
    if (tk_cursor_array (&cursor, &count) || count > 1 ||
        (count == 1 && (tk_cursor_uint (&cursor, &max) || max == 0)))
        return troika_call_fail (call, EINVAL,
                                 "peek: the arguments are not [number from 1]");
    tk_queue_settle (queue);
    tk_queue_admit (queue);
    answer (queue, call, max);
    return 0;
}
