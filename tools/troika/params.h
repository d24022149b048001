/* SPDX-License-Identifier: MPL-2.0 */
/*
 * params.h - the objects that serve makes, as they are written:
 * NAME[:PARAMETERS].
 */
#ifndef CLI_PARAMS_H
#define CLI_PARAMS_H

#include <stddef.h>
#include <troika.h>
#include "tools/troika/options.h"

/* The parameters that object's type takes, an array, and its name. NULL when
 * they are not as they should be, said on stderr. */
troika_msg_t *cli_params (const cli_object_t *object, char *name, size_t size);

#endif
