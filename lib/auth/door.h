/* SPDX-License-Identifier: MPL-2.0 */
/*
 * door.h - hangs up on those who connect and do not shake hands, when there
 * are so many of them that descriptors grow short.
 *
 * All of it belongs to the handler's thread (zap.c). Whose door it is says
 * tk_guard_addresses_of() (lib/base): whoever is let in there has sent some
 * hundred bytes.
 */
#ifndef TK_AUTH_DOOR_H
#define TK_AUTH_DOOR_H

/* Takes a descriptor in reserve. 0 or -EMFILE. */
int tk_door_open (void);
void tk_door_close (void);

/* Looks at the connections, if it is time; in how many ms to call again. */
int tk_door_look (void);

#endif
