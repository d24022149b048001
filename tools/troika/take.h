/* SPDX-License-Identifier: MPL-2.0 */
/*
 * take.h - taking items from a queue for good, for get and drain.
 */
#ifndef CLI_TAKE_H
#define CLI_TAKE_H

#include <troika.h>
#include "tools/troika/options.h"

typedef struct {
    const cli_options_t *options;
    const char *endpoint;
    troika_queue_t *queue;
    enum {
        CLI_ACK_UNKNOWN, /* the first ack will tell */
        CLI_ACK_NEEDED,
        CLI_ACK_UNUSED /* the queue has no manual_ack */
    } ack;
} cli_take_t;

/* Connects, and catches signals from here on. An exit status. */
int cli_take_open (cli_take_t *self, const cli_options_t *options,
                   const char *endpoint);

/* The item has been written: acknowledges it where the queue wants that, and
 * counts it as done where the options do. An exit status. */
int cli_taken (cli_take_t *self, const troika_msg_t *item);

#endif
