/* SPDX-License-Identifier: MPL-2.0 */
/*
 * ask.c - makes the common calls and reads their answers.
 *
 * An answer of another shape than the method's is EPROTO: what answers
 * there is not the object that it says it is.
 */
#include "lib/client/ask.h"

#include <errno.h>
#include <stdlib.h>
#include "lib/base/error.h"

void *
tk_wrap (int rc, tk_handle_t *handle, size_t size)
{
    tk_handle_t **self = rc ? NULL : calloc (1, size);
    if (self) {
        *self = handle;
        return self;
    }
    tk_handle_destroy (&handle);
    return tk_edge_null (rc ? rc : -ENOMEM);
}

const char *
tk_endpoint_of (const void *object)
{
    const tk_handle_t *handle = tk_handle_of (object);
    return handle ? tk_handle_endpoint (handle)
                  : tk_edge_null (tk_handle_check (NULL));
}

/* Other threads may still read the block until their calls have left. */
void
tk_unwrap (void *self)
{
    if (!self)
        return;
    tk_handle_t *handle = *(tk_handle_t **)self;
    tk_handle_destroy (&handle);
    free (self);
}

int
tk_open (tk_handle_t *manager, const char *type, const char *name,
         tk_handle_t **self_p, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    troika_msg_t *params = troika_msg_vpack (format, args);
    va_end (args);
    if (!params)
        return -errno;
    int rc = tk_handle_open (manager, type, name, params, self_p);
    troika_msg_destroy (&params);
    return rc;
}

int
tk_ask (tk_handle_t *self, int timeout, const char *method)
{
    return tk_handle_callf (self, timeout, method, NULL, "[]");
}

static int
misunderstood (tk_handle_t *self, const char *method)
{
    return tk_error (EPROTO, "'%s' %s was answered strangely: %s",
                     tk_handle_name (self), method, troika_error ());
}

static int
ask_value (tk_handle_t *self, int timeout, const char *method,
           const char *format)
{
    troika_msg_t *answer = NULL;
    int value;
    int rc = tk_handle_callf (self, timeout, method, &answer, "[]");
    if (rc)
        return rc;
    if (troika_msg_unpack (answer, format, &value) || value < 0)
        rc = misunderstood (self, method);
    troika_msg_destroy (&answer);
    return rc ? rc : value;
}

int
tk_ask_int (tk_handle_t *self, int timeout, const char *method)
{
    return ask_value (self, timeout, method, "i");
}

int
tk_ask_bool (tk_handle_t *self, int timeout, const char *method)
{
    return ask_value (self, timeout, method, "b");
}

int
tk_ask_holding (tk_handle_t *self, int timeout, const char *method,
                uint64_t *token_p)
{
    troika_msg_t *answer = NULL;
    int died;
    int rc = tk_handle_callf (self, timeout, method, &answer, "[]");
    if (rc)
        return rc;
    if (troika_msg_unpack (answer, "[b,U]", &died, token_p))
        rc = misunderstood (self, method);
    troika_msg_destroy (&answer);
    return rc ? rc : died;
}
