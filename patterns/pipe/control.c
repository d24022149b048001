/* SPDX-License-Identifier: MPL-2.0 */
/*
 * control.c - encodes and decodes control messages.
 *
 * Read from a peer: every byte passes the cursor. Arguments behind those
 * that are known here are passed over, for later versions.
 */
#include "patterns/pipe/control.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "lib/msg/buffer.h"
#include "lib/wire/cursor.h"

static const char *const verbs[] = {
    [TK_SAYS_HELLO] = "hello",   [TK_SAYS_CREDIT] = "credit",
    [TK_SAYS_WINDOW] = "window", [TK_SAYS_WANT] = "want",
    [TK_SAYS_END] = "end",       [TK_SAYS_SEEN] = "seen",
};
#define VERBS (sizeof verbs / sizeof *verbs)

static void
write_amount (tk_buffer_t *buffer, const tk_amount_t *amount)
{
    tk_write_uint (buffer, amount->messages);
    tk_write_uint (buffer, amount->bytes);
}

static void
write_hello (tk_buffer_t *buffer, const tk_control_t *control)
{
    tk_write_uint (buffer, control->version);
    if (control->has_id)
        tk_write_bin (buffer, control->id, TK_PIPE_ID);
    else
        tk_write_nil (buffer);
    tk_write_bool (buffer, control->duplex);
    write_amount (buffer, &control->amount);
}

static void
write_control (tk_buffer_t *buffer, const tk_control_t *control)
{
    bool hello = control->verb == TK_SAYS_HELLO;
    bool amount =
        control->verb == TK_SAYS_CREDIT || control->verb == TK_SAYS_WINDOW;
    tk_write_array (buffer, hello ? 6 : amount ? 3 : 1);
    tk_write_cstr (buffer, verbs[control->verb]);
    if (hello)
        write_hello (buffer, control);
    else if (amount)
        write_amount (buffer, &control->amount);
}

int
tk_control_send (void *socket, const tk_control_t *control)
{
    tk_buffer_t buffer;
    tk_buffer_init (&buffer);
    write_control (&buffer, control);
    int rc = tk_buffer_error (&buffer);
    if (!rc && zmq_send (socket, "", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        rc = errno == EAGAIN ? 0 : tk_zmq_errno ();
    else if (!rc && zmq_send (socket, tk_buffer_data (&buffer), buffer.size,
                              ZMQ_DONTWAIT) < 0)
        rc = errno == EAGAIN ? 0 : tk_zmq_errno ();
    tk_buffer_fini (&buffer);
    return rc;
}

static tk_verb_t
verb_of (const char *text, size_t length)
{
    for (size_t i = 1; i < VERBS; i++)
        if (strlen (verbs[i]) == length && !memcmp (verbs[i], text, length))
            return (tk_verb_t)i;
    return TK_SAYS_NOTHING;
}

static bool
read_amount (tk_cursor_t *cursor, tk_amount_t *amount)
{
    return !tk_cursor_uint (cursor, &amount->messages) &&
           !tk_cursor_uint (cursor, &amount->bytes);
}

static bool
read_id (tk_cursor_t *cursor, tk_control_t *control)
{
    const void *id;
    size_t size;
    control->has_id = tk_cursor_nil (cursor) != 0;
    if (!control->has_id)
        return true;
    if (tk_cursor_bin (cursor, &id, &size) || size != TK_PIPE_ID)
        return false;
    memcpy (control->id, id, TK_PIPE_ID);
    return true;
}

/* A later version's hello is one when it has a version. */
static bool
read_hello (tk_cursor_t *cursor, tk_control_t *control)
{
    if (tk_cursor_uint (cursor, &control->version))
        return false;
    return control->version != TK_PIPE_VERSION ||
           (read_id (cursor, control) &&
            !tk_cursor_bool (cursor, &control->duplex) &&
            read_amount (cursor, &control->amount));
}

int
tk_control_read (tk_control_t *control, const void *data, size_t size)
{
    tk_cursor_t cursor = tk_cursor (data, size);
    const char *text;
    size_t length;
    uint32_t count;
    bool good = true;
    memset (control, 0, sizeof *control);
    if (tk_document_check (data, size) || tk_cursor_array (&cursor, &count) ||
        count == 0 || tk_cursor_str (&cursor, &text, &length))
        return tk_error (EPROTO, "the peer sent a malformed control message");
    control->verb = verb_of (text, length);
    if (control->verb == TK_SAYS_HELLO)
        good = read_hello (&cursor, control);
    else if (control->verb == TK_SAYS_CREDIT || control->verb == TK_SAYS_WINDOW)
        good = read_amount (&cursor, &control->amount);
    return good ? 0
                : tk_error (EPROTO, "the peer sent a malformed '%s'",
                            verbs[control->verb]);
}
