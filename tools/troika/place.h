/* SPDX-License-Identifier: MPL-2.0 */
/*
 * place.h - an endpoint of the command line: a manager, and perhaps one of
 * its objects by name.
 */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include <troika.h>

typedef struct {
    const char *text;
    char *manager; /* the part before '#' */
    char *name;    /* the part behind it, or NULL */
    troika_manager_t *handle;
} cli_place_t;

/* Connects to the manager of an endpoint. An exit status. */
int cli_place_open (cli_place_t *self, const char *endpoint);
void cli_place_close (cli_place_t *self);

#endif
