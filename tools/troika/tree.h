/* SPDX-License-Identifier: MPL-2.0 */
/*
 * tree.h - reads decoded documents whose shape is not known beforehand.
 */
#ifndef CLI_TREE_H
#define CLI_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <troika.h>

/* The value of a key of a map; NULL when there is none, or it is no map. */
const msgpack_object *cli_field (const msgpack_object *map, const char *key);

/* Whether it is this string. NULL is none. */
bool cli_is_text (const msgpack_object *object, const char *text);

/* A number that is not negative, or how many an array holds; -1 for all
 * else, and for NULL. */
int64_t cli_amount (const msgpack_object *object);

/* The elements of an array; 0 for all else. */
uint32_t cli_elements (const msgpack_object *object,
                       const msgpack_object **elements);

/* A message of its own; NULL with errno. */
troika_msg_t *cli_message (const msgpack_object *object);

#endif
