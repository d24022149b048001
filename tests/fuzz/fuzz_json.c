/* SPDX-License-Identifier: MPL-2.0 */
/*
 * fuzz_json.c - any text: it is JSON, and the document that it describes
 * survives being written and read again, or the refusal says where.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <troika/base.h>
#include <troika/msg.h>
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
survives (const troika_msg_t *msg)
{
    char *text = troika_msg_json (msg);
    MUST (text);
    troika_msg_t *back = troika_msg_from_json (text);
    MUST (back && troika_msg_eq (msg, back));
    troika_msg_destroy (&back);
    free (text);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    char *text = malloc (size + 1);
    if (!text)
        return 0;
    if (size > 0)
        memcpy (text, data, size);
    text[size] = '\0';
    troika_msg_t *msg = troika_msg_from_json (text);
    if (msg)
        survives (msg);
    else
        MUST (errno == EBADMSG && strstr (troika_error (), "line "));
    troika_msg_destroy (&msg);
    free (text);
    return 0;
}
