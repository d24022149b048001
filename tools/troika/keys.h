/* SPDX-License-Identifier: MPL-2.0 */
/*
 * keys.h - the options that protect tcp, and the one that does without.
 */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include "tools/troika/options.h"

/* Sets the process's keys before its first handle. An exit status. */
int cli_keys_apply (const cli_options_t *options, const char *command);

#endif
