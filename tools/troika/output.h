/* SPDX-License-Identifier: MPL-2.0 */
/*
 * output.h - documents on standard output, one on a line.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <troika.h>
#include "tools/troika/options.h"

/* Prints a document as JSON, or as options ask (raw, null). What cannot be
 * written ends the process at once and without a goodbye, so that items it
 * took go back to their queue: quietly where the reader has gone (EPIPE). */
void cli_print (const cli_options_t *options, const troika_msg_t *msg);

/* Everything printed is with the reader; ends the process as above. */
void cli_flush (void);

/* A value within a decoded document. */
void cli_print_tree (const cli_options_t *options,
                     const msgpack_object *object);

/* Prints an answer (or each element of one that is an array), or says by
 * troika_error() why it is NULL; destroys msg. The exit status. */
int cli_answer (const cli_options_t *options, const char *endpoint,
                troika_msg_t *msg);
int cli_answer_each (const cli_options_t *options, const char *endpoint,
                     troika_msg_t *msg);

#endif
