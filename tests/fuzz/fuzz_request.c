/* SPDX-License-Identifier: MPL-2.0 */
/*
 * fuzz_request.c - any bytes as the frame of a request and of a reply.
 *
 * libFuzzer target (-fsanitize=fuzzer,address,undefined). What is accepted
 * has all its parts within the frame, and args that are an array; written
 * as this library writes it, it is the same request again.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/wire/cursor.h"
#include "lib/wire/request.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define NAME_MAX_HERE 255

static bool
is_within (const void *part, size_t length, const uint8_t *data, size_t size)
{
    const uint8_t *at = part;
    return at >= data && length <= size && at <= data + (size - length);
}

/* The writer takes strings; names with a zero byte are refused later on. */
static bool
copy_name (char *copy, const char *name, size_t length)
{
    if (length > NAME_MAX_HERE || memchr (name, 0, length))
        return false;
    memcpy (copy, name, length);
    copy[length] = 0;
    return true;
}

static void
check_again (const tk_request_t *self, const uint8_t *frame, size_t size)
{
    tk_request_t again;
    MUST (tk_request_parse (&again, frame, size) == 0);
    MUST (again.object_length == self->object_length);
    MUST (!memcmp (again.object, self->object, self->object_length));
    MUST (again.method_length == self->method_length);
    MUST (!memcmp (again.method, self->method, self->method_length));
    MUST (again.args_size == self->args_size);
    MUST (!memcmp (again.args, self->args, self->args_size));
    MUST (!memcmp (&again.meta, &self->meta, sizeof self->meta));
}

static void
survives_writing (const tk_request_t *self)
{
    char object[NAME_MAX_HERE + 1];
    char method[NAME_MAX_HERE + 1];
    if (!copy_name (object, self->object, self->object_length) ||
        !copy_name (method, self->method, self->method_length))
        return;
    uint8_t *frame = malloc (TK_HEAD_MAX + self->args_size + TK_META_MAX);
    MUST (frame);
    size_t size = tk_request_head (frame, object, method);
    MUST (size <= TK_HEAD_MAX);
    memcpy (frame + size, self->args, self->args_size);
    size += self->args_size;
    size_t meta = tk_request_meta (frame + size, &self->meta);
    MUST (meta <= TK_META_MAX);
    check_again (self, frame, size + meta);
    free (frame);
}

static void
read_request (const uint8_t *data, size_t size)
{
    tk_request_t request;
    if (tk_request_parse (&request, data, size))
        return;
    MUST (is_within (request.object, request.object_length, data, size));
    MUST (is_within (request.method, request.method_length, data, size));
    MUST (is_within (request.args, request.args_size, data, size));
    MUST (request.meta.timeout_ms >= -1);
    tk_cursor_t args = tk_cursor (request.args, request.args_size);
    MUST (tk_cursor_peek (&args) == TK_ARRAY);
    survives_writing (&request);
}

static void
read_reply (const uint8_t *data, size_t size)
{
    tk_reply_t reply;
    if (tk_reply_parse (&reply, data, size))
        return;
    if (reply.error)
        MUST (is_within (reply.words, reply.words_length, data, size));
    else
        MUST (is_within (reply.result, reply.result_size, data, size));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    read_request (data, size);
    read_reply (data, size);
    return 0;
}
