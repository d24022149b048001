/* SPDX-License-Identifier: MPL-2.0 */
/* errand.h - what the agent asks of one manager, one call at a time. */
#ifndef TK_CLIENT_ERRAND_H
#define TK_CLIENT_ERRAND_H

#include "parts.h"

/* Looks at the connection: what was asked by one that broke is asked again
 * by the next. */
void tk_errand_watch (tk_client_t *client, tk_time_t now);

/* Takes answers in. */
void tk_errand_receive (tk_client_t *client, tk_time_t now);

/* Asks the next thing, repeats what was not answered, or declares the
 * manager lost. */
void tk_errand_next (tk_client_t *client, tk_time_t now);

#endif
