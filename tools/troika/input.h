/* SPDX-License-Identifier: MPL-2.0 */
/*
 * input.h - documents of the command line and of standard input.
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <troika.h>
#include "tools/troika/options.h"

/* The document that a text describes: JSON, or with options->lines a string.
 * NULL when it is none, said on stderr as what it was ("line 3"). */
troika_msg_t *cli_document (const cli_options_t *options, const char *endpoint,
                            const char *what, const char *text, size_t size);

/* An array of the JSON documents in texts, which ends with NULL; a NULL
 * as above. first stands before them when it is not NULL. */
troika_msg_t *cli_documents (const cli_options_t *options, const char *endpoint,
                             const troika_msg_t *first, char **texts);

#endif
