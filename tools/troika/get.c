/* SPDX-License-Identifier: MPL-2.0 */
/*
 * get.c - troika get: items of a queue onto standard output.
 *
 * An item is taken for good when it has been written: by the next get, by
 * ack, or by the goodbye. Who is gone before that gives it back.
 */
#include <errno.h>
#include "tools/troika/command.h"
#include "tools/troika/output.h"
#include "tools/troika/signals.h"
#include "tools/troika/take.h"

/* Writes what was got; NULL is why there is nothing. *left counts down, from
 * -1 for ever. To follow a queue to its end is success. */
static int
pass (cli_take_t *self, troika_msg_t *item, int64_t *left)
{
    if (!item && errno == EPIPE && self->options->follow) {
        *left = 0;
        return CLI_OK;
    }
    if (!item)
        return cli_fail (self->endpoint);
    cli_print (self->options, item);
    cli_flush ();
    int status = cli_taken (self, item);
    troika_msg_destroy (&item);
    *left -= *left > 0;
    return status;
}

static int
run (const cli_options_t *options, char **operands)
{
    int64_t left = options->count ? options->count : 1;
    cli_take_t self;
    int status = cli_take_open (&self, options, operands[0]);
    if (options->follow && !options->count)
        left = -1;
    while (!status && left && !cli_signals_caught ())
        status = pass (&self, troika_queue_get (self.queue, options->timeout),
                       &left);
    troika_queue_destroy (&self.queue);
    return status;
}

const cli_command_t cli_get = {
    "get",
    "ENDPOINT[#QUEUE]",
    "take items from a queue and print them",
    "tnr0fd",
    1,
    1,
    false,
    run,
    "Takes one item, or --count of them, waiting for each. An item that "
    "cannot be\nwritten, as its reader has gone, goes back to the queue. Where "
    "the queue wants\nitems acknowledged, each is when it has been written.\n",
    "  troika get 'tcp://db1:5555#jobs' --timeout 5s\n"
    "  troika get 'tcp://db1:5555#jobs' --follow | jq .id\n"
    "  troika get 'ipc:///tmp/q#files' --count 10 --raw -0 | xargs -0 gzip\n",
};
