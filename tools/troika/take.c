/* SPDX-License-Identifier: MPL-2.0 */
/* take.c - taking items from a queue for good, for get and drain. */
#include "tools/troika/take.h"

#include <errno.h>
#include "tools/troika/signals.h"
#include "tools/troika/status.h"

int
cli_take_open (cli_take_t *self, const cli_options_t *options,
               const char *endpoint)
{
    *self = (cli_take_t){.options = options, .endpoint = endpoint};
    cli_signals_catch ();
    self->queue = troika_queue_connect (endpoint);
    return self->queue ? CLI_OK : cli_fail (endpoint);
}

/* A signal that comes now ends the command behind this item, not in it. */
static int
ack (cli_take_t *self, const troika_msg_t *item)
{
    int rc;
    do
        rc = troika_queue_ack (self->queue, item);
    while (rc && errno == EINTR);
    if (rc && errno == ENOTSUP && self->ack == CLI_ACK_UNKNOWN) {
        self->ack = CLI_ACK_UNUSED;
        return 0;
    }
    self->ack = CLI_ACK_NEEDED;
    return rc;
}

static int
count_done (cli_take_t *self)
{
    int rc;
    do
        rc = troika_queue_task_done (self->queue);
    while (rc && errno == EINTR);
    return rc;
}

int
cli_taken (cli_take_t *self, const troika_msg_t *item)
{
    int rc = self->ack == CLI_ACK_UNUSED ? 0 : ack (self, item);
    if (!rc && self->options->done && self->ack == CLI_ACK_UNUSED)
        rc = count_done (self);
    return rc ? cli_fail (self->endpoint) : CLI_OK;
}
