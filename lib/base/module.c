/* SPDX-License-Identifier: MPL-2.0 */
/*
 * module.c - the modules that take part in fork() and in the exit.
 *
 * The list only grows, and a slot is written before the count covers it, so
 * it is read without a lock: prepare runs before the library lock is taken,
 * and exit must let modules use the library. Within a phase, the order is
 * that of registration.
 */
#include "lib/base/runtime_parts.h"

#include <errno.h>
#include <stdatomic.h>
#include "lib/base/error.h"

#define MODULES_MAX 32
#define PHASES 3

static struct {
    const tk_module_t *module;
    atomic_uint generation; /* in which it registered last */
} slots[MODULES_MAX];
static atomic_size_t count;

static size_t
find (const tk_module_t *module)
{
    size_t i = 0;
    while (i < count && slots[i].module != module)
        i++;
    return i;
}

static int
enter (const tk_module_t *module)
{
    size_t i = find (module);
    if (i == MODULES_MAX)
        return tk_error (ENOMEM, "more than %d modules", MODULES_MAX);
    slots[i].generation = tk_generation ();
    if (i == count) {
        slots[i].module = module;
        atomic_store (&count, i + 1);
    }
    return 0;
}

int
tk_module (const tk_module_t *module)
{
    int rc = tk_runtime_start ();
    if (rc)
        return rc;
    tk_library_lock ();
    rc = enter (module);
    tk_library_unlock ();
    return rc;
}

size_t
tk_modules_prepare (void)
{
    size_t seen = count;
    for (int phase = PHASES - 1; phase >= 0; phase--)
        for (size_t i = seen; i-- > 0;) {
            const tk_module_t *module = slots[i].module;
            if ((int)module->phase == phase && module->prepare)
                module->prepare ();
        }
    return seen;
}

void
tk_modules_parent (size_t seen)
{
    for (int phase = 0; phase < PHASES; phase++)
        for (size_t i = 0; i < seen; i++) {
            const tk_module_t *module = slots[i].module;
            if ((int)module->phase == phase && module->parent)
                module->parent ();
        }
}

void
tk_modules_child (void)
{
    for (int phase = 0; phase < PHASES; phase++)
        for (size_t i = 0; i < count; i++) {
            const tk_module_t *module = slots[i].module;
            if ((int)module->phase == phase && module->child)
                module->child ();
        }
}

/* A module that cannot drop its parent's state must not flush it here. */
static bool
exits_here (size_t i)
{
    const tk_module_t *module = slots[i].module;
    return module->exit &&
           (module->child || slots[i].generation == tk_generation ());
}

int
tk_modules_exit (tk_time_t deadline)
{
    int result = 0;
    for (int phase = 0; phase < PHASES; phase++)
        for (size_t i = 0; i < count; i++) {
            if ((int)slots[i].module->phase != phase || !exits_here (i))
                continue;
            int rc = slots[i].module->exit (deadline);
            if (rc && !result)
                result = rc;
        }
    return result;
}
