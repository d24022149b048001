/* SPDX-License-Identifier: MPL-2.0 */
/* thread_local.h - small variables of a thread that hot paths read: found
 * without a call. What a library may have of these is little. */
#ifndef TK_BASE_THREAD_LOCAL_H
#define TK_BASE_THREAD_LOCAL_H

#if defined __GNUC__
#define TK_THREAD_LOCAL                                                        \
    _Thread_local __attribute__ ((tls_model ("initial-exec")))
#else
#define TK_THREAD_LOCAL _Thread_local
#endif

#endif
