/* SPDX-License-Identifier: MPL-2.0 */
/* manager_private.h - what the patterns that a manager opens need of it. */
#ifndef TK_MANAGER_PRIVATE_H
#define TK_MANAGER_PRIVATE_H

#include <troika/handles.h>
#include "lib/client/handle.h"

/* The handle of the manager itself; borrowed. */
tk_handle_t *tk_manager_handle (troika_manager_t *self);

#endif
