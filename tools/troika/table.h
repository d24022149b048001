/* SPDX-License-Identifier: MPL-2.0 */
/*
 * table.h - the objects of a manager as a table of figures.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdio.h>
#include <troika.h>

/* What a manager said at one moment. */
typedef struct {
    troika_msg_t *objects;
    double at; /* seconds */
} cli_look_t;

typedef struct {
    const char *object; /* only this one; NULL: all */
    const char *end;    /* of each line, before its newline */
    int rows;           /* at most so many lines; -1: any number */
    int columns;        /* characters of a line; -1: any number */
} cli_shape_t;

/* Prints the table for what happened between two looks. */
void cli_table_show (FILE *file, const cli_look_t *before,
                     const cli_look_t *after, const cli_shape_t *shape);

#endif
