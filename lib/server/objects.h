/* SPDX-License-Identifier: MPL-2.0 */
/* objects.h - the list of a registry's objects with their figures. */
#ifndef TK_SERVER_OBJECTS_H
#define TK_SERVER_OBJECTS_H

#include "lib/msg/buffer.h"
#include "lib/object/registry.h"

/* Writes [{name, type, …what the object's stat says}, …]. */
void tk_objects_write (tk_registry_t *registry, tk_buffer_t *buffer);

#endif
