/* SPDX-License-Identifier: MPL-2.0 */
/*
 * drain.c - troika drain: takes what is in a queue until it is empty.
 */
#include <errno.h>
#include "tools/troika/command.h"
#include "tools/troika/output.h"
#include "tools/troika/signals.h"
#include "tools/troika/take.h"

#define TOGETHER 64

static int
take_all (cli_take_t *self, troika_msg_t **items, size_t count)
{
    int status = CLI_OK;
    for (size_t i = 0; i < count; i++)
        cli_print (self->options, items[i]);
    cli_flush ();
    for (size_t i = 0; i < count; i++) {
        if (!status)
            status = cli_taken (self, items[i]);
        troika_msg_destroy (&items[i]);
    }
    return status;
}

/* Up to left items; *count is 0 when there are none left. */
static int
take_some (cli_take_t *self, int64_t left, size_t *count)
{
    troika_msg_t *items[TOGETHER];
    size_t max = left < TOGETHER ? (size_t)left : TOGETHER;
    ssize_t got =
        troika_queue_get_many (self->queue, TROIKA_NOWAIT, items, max);
    *count = got > 0 ? (size_t)got : 0;
    if (got > 0)
        return take_all (self, items, *count);
    if (errno == EAGAIN || errno == EPIPE)
        return CLI_OK;
    return cli_fail (self->endpoint);
}

static int
run (const cli_options_t *options, char **operands)
{
    int64_t left = options->count ? options->count : INT64_MAX;
    size_t count = 1;
    cli_take_t self;
    int status = cli_take_open (&self, options, operands[0]);
    while (!status && count && left && !cli_signals_caught ()) {
        status = take_some (&self, left, &count);
        left -= (int64_t)count;
    }
    troika_queue_destroy (&self.queue);
    return status;
}

const cli_command_t cli_drain = {
    "drain",
    "ENDPOINT[#QUEUE]",
    "take and print all that is in a queue, without waiting",
    "nr0d",
    1,
    1,
    false,
    run,
    "Ends when the queue is empty, which is success, also when it was so at "
    "first.\n",
    "  troika drain 'tcp://db1:5555#jobs' > saved.json\n"
    "  troika put 'tcp://db2:5555#jobs' < saved.json\n",
};
