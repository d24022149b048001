/* SPDX-License-Identifier: MPL-2.0 */
/*
 * fuzz_cursor.c - any bytes: the cursor, and what is built upon it.
 *
 * libFuzzer target (-fsanitize=fuzzer,address,undefined). What the cursor
 * accepts, msgpack-c must accept, too, and end at the same byte; only then
 * is it asked, as it allocates what a header announces. What the cursor
 * accepts must also survive as a message: compared, written as JSON,
 * unpacked, packed again.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <troika/msg.h>
#include "lib/wire/cursor.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
agrees_with_msgpack (const uint8_t *data, size_t size)
{
    msgpack_unpacked result;
    size_t offset = 0;
    msgpack_unpacked_init (&result);
    MUST (msgpack_unpack_next (&result, (const char *)data, size, &offset) ==
          MSGPACK_UNPACK_SUCCESS);
    MUST (offset == size);
    msgpack_unpacked_destroy (&result);
}

/* A JSON text of ours is JSON, unless it has become too deep (an extension
 * is written as an object) or names a key twice. */
static void
survives_as_json (const troika_msg_t *msg)
{
    char *text = troika_msg_json (msg);
    MUST (text);
    troika_msg_t *back = troika_msg_from_json (text);
    if (!back)
        MUST (strstr (troika_error (), "twice") ||
              strstr (troika_error (), "deeper"));
    free (text);
    troika_msg_destroy (&back);
}

static void
survives_unpacking (const troika_msg_t *msg)
{
    int64_t number;
    uint64_t large;
    double real;
    int truth;
    const char *text;
    const void *bytes;
    size_t size;
    troika_msg_t *part = NULL;
    troika_msg_unpack (msg, "I", &number);
    troika_msg_unpack (msg, "U", &large);
    troika_msg_unpack (msg, "f", &real);
    troika_msg_unpack (msg, "b", &truth);
    troika_msg_unpack (msg, "B", &bytes, &size);
    if (troika_msg_unpack (msg, "{s:s,s?:[i*],s?:{s:S}}", "a", &text, "b", NULL,
                           "c", "d", NULL, NULL) == 0)
        MUST (strlen (text) < troika_msg_size (msg));
    if (troika_msg_unpack (msg, "[m*]", &part) == 0)
        MUST (tk_document_check (troika_msg_data (part),
                                 troika_msg_size (part)) == 0);
    troika_msg_destroy (&part);
    if (troika_msg_unpack (msg, "s", &text) == 0)
        MUST (strlen (text) < troika_msg_size (msg));
}

static void
survives_packing (const troika_msg_t *msg)
{
    troika_msg_t *again = troika_msg_pack ("m", msg);
    MUST (again && troika_msg_eq (msg, again));
    troika_msg_destroy (&again);
    again = troika_msg_pack ("{s:[m,m]}", "k", msg, msg);
    troika_msg_t *copy = NULL;
    if (again) {
        MUST (troika_msg_unpack (again, "{s:[m*]}", "k", &copy) == 0);
        MUST (troika_msg_eq (msg, copy));
    }
    troika_msg_destroy (&copy);
    troika_msg_destroy (&again);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    bool good = tk_document_check (data, size) == 0;
    troika_msg_t *msg = troika_msg_new (data, size);
    MUST (good == (msg != NULL));
    if (!good)
        return 0;
    agrees_with_msgpack (data, size);
    MUST (troika_msg_object (msg));
    survives_as_json (msg);
    survives_unpacking (msg);
    survives_packing (msg);
    troika_msg_destroy (&msg);
    return 0;
}
