/* SPDX-License-Identifier: MPL-2.0 */
/* tree.c - reads decoded documents whose shape is not known beforehand. */
#include "tools/troika/tree.h"

#include <errno.h>
#include <string.h>

bool
cli_is_text (const msgpack_object *object, const char *text)
{
    return object && object->type == MSGPACK_OBJECT_STR &&
           object->via.str.size == strlen (text) &&
           memcmp (object->via.str.ptr, text, object->via.str.size) == 0;
}

const msgpack_object *
cli_field (const msgpack_object *map, const char *key)
{
    if (!map || map->type != MSGPACK_OBJECT_MAP)
        return NULL;
    for (uint32_t i = 0; i < map->via.map.size; i++)
        if (cli_is_text (&map->via.map.ptr[i].key, key))
            return &map->via.map.ptr[i].val;
    return NULL;
}

int64_t
cli_amount (const msgpack_object *object)
{
    if (!object)
        return -1;
    if (object->type == MSGPACK_OBJECT_ARRAY)
        return object->via.array.size;
    if (object->type == MSGPACK_OBJECT_POSITIVE_INTEGER &&
        object->via.u64 <= INT64_MAX)
        return (int64_t)object->via.u64;
    return -1;
}

uint32_t
cli_elements (const msgpack_object *object, const msgpack_object **elements)
{
    if (!object || object->type != MSGPACK_OBJECT_ARRAY)
        return 0;
    *elements = object->via.array.ptr;
    return object->via.array.size;
}

troika_msg_t *
cli_message (const msgpack_object *object)
{
    troika_msg_t *msg = NULL;
    msgpack_sbuffer buffer;
    msgpack_packer packer;
    msgpack_sbuffer_init (&buffer);
    msgpack_packer_init (&packer, &buffer, msgpack_sbuffer_write);
    errno = ENOMEM;
    if (msgpack_pack_object (&packer, *object) == 0)
        msg = troika_msg_new (buffer.data, buffer.size);
    msgpack_sbuffer_destroy (&buffer);
    return msg;
}
