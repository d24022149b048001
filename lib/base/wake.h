/* SPDX-License-Identifier: MPL-2.0 */
/*
 * wake.h - one thread wakes another that sleeps in poll(2).
 *
 * An eventfd where the kernel has it, a pipe elsewhere. Raising it twice is
 * as good as once; lowering it takes all that was raised.
 */
#ifndef TK_BASE_WAKE_H
#define TK_BASE_WAKE_H

typedef struct {
    int read_fd; /* poll it for POLLIN */
    int write_fd;
} tk_wake_t;

int tk_wake_init (tk_wake_t *self); /* 0 or negative errno */
void tk_wake_fini (tk_wake_t *self);
void tk_wake_raise (tk_wake_t *self);
void tk_wake_lower (tk_wake_t *self);

#endif
