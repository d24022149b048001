/* SPDX-License-Identifier: MPL-2.0 */
/*
 * request.h - request and reply documents, to and from bytes.
 *
 * A request is [object, method, args, meta], a reply [nil, result] or
 * [error name, words]; doc/protocol.md is their home. Parsing checks the
 * whole frame and allocates nothing: the parts point into it.
 */
#ifndef TK_WIRE_REQUEST_H
#define TK_WIRE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/msg/buffer.h"

#define TK_PROTOCOL_VERSION 1

/* What a request says about itself. Zero: absent, but for timeout_ms. */
typedef struct {
    int64_t timeout_ms; /* t; -1: for ever */
    uint64_t session;   /* s */
    uint64_t lane;      /* l */
    uint64_t call;      /* c: number of this call in its lane, from 1 */
    uint64_t casts;     /* a: casts of the lane sent before this call */
    uint64_t cast;      /* n: number of this cast in its lane, from 1 */
} tk_meta_t;

typedef struct {
    const char *object;
    size_t object_length;
    const char *method;
    size_t method_length;
    const uint8_t *args; /* one array */
    size_t args_size;
    tk_meta_t meta;
} tk_request_t;

/* -EBADMSG: not one document, or not of this shape, with words. */
int tk_request_parse (tk_request_t *self, const void *data, size_t size);

/* Everything before and after the args. The largest head: an object's
 * name, a method's name and their headers. */
#define TK_HEAD_MAX 600
#define TK_META_MAX 96
size_t tk_request_head (uint8_t *head, const char *object, const char *method);
size_t tk_request_meta (uint8_t *meta, const tk_meta_t *values);

typedef struct {
    int error;         /* 0, or the errno of a failure */
    bool session_lost; /* ECONNRESET, and the manager itself says so */
    const char *words; /* of a failure */
    size_t words_length;
    const uint8_t *result; /* of a success: one document */
    size_t result_size;
} tk_reply_t;

int tk_reply_parse (tk_reply_t *self, const void *data, size_t size);

/* The name of an error that only the manager itself gives: it does not know
 * the session, or the lane has ended. */
#define TK_SESSION_LOST "ESESSION"
void tk_reply_fail_session (tk_buffer_t *buffer, const char *words);

/* Writes a failure. What was quoted or cut short need not have been UTF-8;
 * the words are made so. */
void tk_reply_fail (tk_buffer_t *buffer, int error, char *words);

#endif
