/* SPDX-License-Identifier: MPL-2.0 */
/*
 * place.c - an endpoint of the command line: a manager, and perhaps one of
 * its objects by name.
 */
#include "tools/troika/place.h"

#include <stdlib.h>
#include <string.h>
#include "tools/troika/status.h"

int
cli_place_open (cli_place_t *self, const char *endpoint)
{
    *self = (cli_place_t){.text = endpoint, .manager = strdup (endpoint)};
    if (!self->manager)
        return cli_complain (CLI_FAILED, endpoint, "out of memory");
    char *mark = strchr (self->manager, '#');
    if (mark) {
        *mark = '\0';
        self->name = mark + 1;
    }
    self->handle = troika_manager_connect (self->manager);
    return self->handle ? CLI_OK : cli_fail (endpoint);
}

void
cli_place_close (cli_place_t *self)
{
    troika_manager_destroy (&self->handle);
    free (self->manager);
}
