/* SPDX-License-Identifier: MPL-2.0 */
/*
 * json_number.h - a number of a JSON text becomes one of a document.
 */
#ifndef TK_MSG_JSON_NUMBER_H
#define TK_MSG_JSON_NUMBER_H

#include "buffer.h"

/* Passes the number at *at and appends it: an integer, or, with a point or
 * an exponent, a double. -EBADMSG with *why set, where it is none or is out
 * of range; -ENOMEM. Then *at stays. */
int tk_json_number (const char **at, tk_buffer_t *out, const char **why);

#endif
