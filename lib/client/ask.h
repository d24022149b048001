/* SPDX-License-Identifier: MPL-2.0 */
/*
 * ask.h - the calls that most handles make: without arguments, answered by
 * nothing, a number, or a holding.
 *
 * A public handle is a block that begins with a tk_handle_t *.
 */
#ifndef TK_CLIENT_ASK_H
#define TK_CLIENT_ASK_H

#include "lib/client/handle.h"

/* A block of size bytes, zeroed, that begins with handle; NULL with errno
 * when rc is a failure or memory is short, which ends the handle. */
void *tk_wrap (int rc, tk_handle_t *handle, size_t size);

/* Where such an object is; NULL with EINVAL for NULL: a public edge. */
const char *tk_endpoint_of (const void *object);

/* Ends the handle and frees such a block; NULL is fine. */
void tk_unwrap (void *self);

/* Opens an object of manager whose parameters format describes. */
int tk_open (tk_handle_t *manager, const char *type, const char *name,
             tk_handle_t **self_p, const char *format, ...);

/* 0 or a negative errno. */
int tk_ask (tk_handle_t *self, int timeout, const char *method);

/* The number (not negative) or the truth that was answered, or a negative
 * errno. */
int tk_ask_int (tk_handle_t *self, int timeout, const char *method);
int tk_ask_bool (tk_handle_t *self, int timeout, const char *method);

/* 0, or 1 when the last holder died; or a negative errno. token_p may be
 * NULL. */
int tk_ask_holding (tk_handle_t *self, int timeout, const char *method,
                    uint64_t *token_p);

#endif
