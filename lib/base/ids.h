/* SPDX-License-Identifier: MPL-2.0 */
/*
 * ids.h - hash tables by a 64-bit number that lies in the value itself.
 *
 * zhashx with the number's address as the key: nothing is copied, so the
 * number must not change or move while it is in the table.
 */
#ifndef TK_BASE_IDS_H
#define TK_BASE_IDS_H

#include <czmq.h>

zhashx_t *tk_ids_new (void); /* NULL when memory is short */

#endif
