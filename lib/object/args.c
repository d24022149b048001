/* SPDX-License-Identifier: MPL-2.0 */
/*
 * args.c - reads the arguments of a call and answers it.
 */
#include "lib/object/args.h"

#include <errno.h>
#include "lib/base/error.h"
#include "lib/msg/document.h"
#include "lib/wire/cursor.h"

bool
tk_args (troika_call_t *call, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    int rc = troika_msg_vunpack (troika_call_args (call), format, args);
    va_end (args);
    if (rc == 0)
        return true;
    troika_call_fail (call, errno == EBADMSG ? EINVAL : errno,
                      "'%s': wrong arguments: %s", troika_current_name (),
                      troika_error ());
    return false;
}

size_t
tk_args_count (const troika_call_t *call)
{
    const troika_msg_t *args = troika_call_args (call);
    tk_cursor_t cursor =
        tk_cursor (troika_msg_data (args), troika_msg_size (args));
    uint32_t count;
    return tk_cursor_array (&cursor, &count) ? 0 : count;
}

int
tk_answer (troika_call_t *call, troika_msg_t *msg)
{
    if (!msg)
        return -1;
    troika_call_reply_msg (call, msg);
    troika_msg_destroy (&msg);
    return 0;
}

troika_msg_t *
tk_written (tk_buffer_t *buffer)
{
    size_t size;
    tk_slab_t *slab = tk_buffer_take (buffer, &size);
    if (!slab) {
        errno = ENOMEM;
        return NULL;
    }
    troika_msg_t *msg = tk_msg_over (slab, tk_slab_data (slab), size);
    if (!msg)
        tk_slab_unref (slab);
    return msg;
}
