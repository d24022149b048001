/* SPDX-License-Identifier: MPL-2.0 */
/*
 * spared.c - descriptors that a forked child keeps, though their address is
 * one of ours.
 *
 * A child closes what has an address of its parent's sockets (address.c), and
 * an address stays in that list for a while after it was given up. What
 * listens there by then may be made for the child. The library lock guards
 * the list, which the child inherits with the descriptors.
 */
#include "lib/base/runtime_parts.h"

#include <errno.h>
#include <stdlib.h>
#include "lib/base/error.h"

static int *spared;
static size_t spared_count, spared_room;

static int
grow (void)
{
    if (spared_count < spared_room)
        return 0;
    size_t room = spared_room ? 2 * spared_room : 16;
    int *bigger = realloc (spared, room * sizeof *bigger);
    if (!bigger)
        return tk_error (ENOMEM, "no memory for a descriptor");
    spared = bigger;
    spared_room = room;
    return 0;
}

int
tk_spare (int fd)
{
    tk_library_lock ();
    int rc = grow ();
    if (!rc)
        spared[spared_count++] = fd;
    tk_library_unlock ();
    return rc;
}

void
tk_spare_no_more (int fd)
{
    tk_library_lock ();
    for (size_t i = 0; i < spared_count; i++)
        if (spared[i] == fd) {
            spared[i] = spared[--spared_count];
            break;
        }
    tk_library_unlock ();
}

bool
tk_is_spared (int fd)
{
    for (size_t i = 0; i < spared_count; i++)
        if (spared[i] == fd)
            return true;
    return false;
}
