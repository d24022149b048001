/* SPDX-License-Identifier: MPL-2.0 */
/*
 * handles.h - the opaque types that more than one public header names.
 *
 * Installed as <troika/handles.h>. <troika/manager.h> says what a manager
 * is; an object's header needs no more of it than its name.
 */
#ifndef TROIKA_HANDLES_H
#define TROIKA_HANDLES_H

typedef struct troika_manager troika_manager_t;

#endif
