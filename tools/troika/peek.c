/* SPDX-License-Identifier: MPL-2.0 */
/* peek.c - troika peek: prints items that wait, and leaves them there. */
#include <troika.h>
#include "tools/troika/command.h"
#include "tools/troika/output.h"

static int
run (const cli_options_t *options, char **operands)
{
    size_t max = options->count ? (size_t)options->count : 10;
    troika_queue_t *queue = troika_queue_connect (operands[0]);
    int status = queue ? cli_answer_each (options, operands[0],
                                          troika_queue_peek (queue, max))
                       : cli_fail (operands[0]);
    troika_queue_destroy (&queue);
    return status;
}

const cli_command_t cli_peek = {
    "peek",
    "ENDPOINT[#QUEUE]",
    "print the next items of a queue, and leave them there",
    "nr0",
    1,
    1,
    false,
    run,
    "Prints up to --count items (10), and no more behind 512 KiB, in the "
    "order in\nwhich gets would take them.\n",
    "  troika peek 'tcp://db1:5555#jobs' --count 3\n",
};
