/* SPDX-License-Identifier: MPL-2.0 */
/*
 * types.c - the one table of the built-in types. A new one adds a line.
 */
#include "types.h"

#include <stddef.h>
#include "patterns/array/array_private.h"
#include "patterns/barrier/barrier_private.h"
#include "patterns/condition/condition_private.h"
#include "patterns/dict/dict_private.h"
#include "patterns/event/event_private.h"
#include "patterns/list/list_private.h"
#include "patterns/lock/lock_private.h"
#include "patterns/namespace/namespace_private.h"
#include "patterns/queue/queue_private.h"
#include "patterns/semaphore/semaphore_private.h"
#include "patterns/value/value_private.h"

const troika_type_t *const tk_builtin_types[] = {
    &tk_queue_type,
    &tk_dict_type,
    &tk_list_type,
    &tk_value_type,
    &tk_array_type,
    &tk_namespace_type,
    &tk_lock_type,
    &tk_rlock_type,
    &tk_semaphore_type,
    &tk_condition_type,
    &tk_event_type,
    &tk_barrier_type,
    NULL,
};
