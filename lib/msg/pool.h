/* SPDX-License-Identifier: MPL-2.0 */
/*
 * pool.h - blocks of memory that threads use up and pass on to each other.
 *
 * What one thread allocates and another one frees, item after item, costs
 * malloc a lock and a cache line each time; here it goes back by the dozen.
 */
#ifndef TK_MSG_POOL_H
#define TK_MSG_POOL_H

#include <stddef.h>

/* How large a block for that size really is: large ones are as asked for. */
size_t tk_pool_size (size_t size);

/* A block of tk_pool_size (size) bytes, or NULL; given back with the same
 * size. */
void *tk_pool_get (size_t size);
void tk_pool_give (void *block, size_t size);

#endif
