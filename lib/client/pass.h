/* SPDX-License-Identifier: MPL-2.0 */
/*
 * pass.h - the calls of handles that carry documents. They wait for ever:
 * the objects behind them answer at once, or the manager is lost.
 */
#ifndef TK_CLIENT_PASS_H
#define TK_CLIENT_PASS_H

#include <sys/types.h>
#include "lib/client/handle.h"

/* args becomes an array of count values, the first of which format
 * describes; NULL: none is there yet. */
int tk_begin (tk_buffer_t *args, uint32_t count, const char *format, ...);

/* Adds the value that format describes, as the last one, and calls. A failed
 * rc of tk_begin() passes through; args is consumed. */
int tk_pass (int rc, tk_handle_t *self, const char *method,
             troika_msg_t **result, tk_buffer_t *args, const char *format,
             va_list values);

/* The rest are public edges: they set errno. format gives an array. */

/* 0 or -1. */
int tk_do (tk_handle_t *self, const char *method, const char *format, ...);

/* The answer, or NULL. */
troika_msg_t *tk_fetch (tk_handle_t *self, const char *method,
                        const char *format, ...);

/* 0 with the integer or truth that was answered (number may be NULL), or
 * -1. */
int tk_fetch_int (tk_handle_t *self, int64_t *number, const char *method,
                  const char *format, ...);

/* The number itself, not negative, or -1. */
ssize_t tk_fetch_count (tk_handle_t *self, const char *method,
                        const char *format, ...);

#endif
