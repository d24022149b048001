/* SPDX-License-Identifier: MPL-2.0 */
/*
 * zmtp.h - the bytes of ZMTP 3.0 without security, as far as one REQ and
 * one ROUTER need them: greeting, READY, and the heads of frames.
 *
 * No state and no input or output; stream.c has both.
 */
#ifndef TK_WIRE_ZMTP_H
#define TK_WIRE_ZMTP_H

#include <stddef.h>
#include <stdint.h>

#define TK_ZMTP_GREETING 64
#define TK_ZMTP_READY_MAX 48
#define TK_ZMTP_HEAD_MAX 9

enum { TK_ZMTP_MORE = 1, TK_ZMTP_LONG = 2, TK_ZMTP_COMMAND = 4 };

/* What either side says first. */
void tk_zmtp_greeting (uint8_t greeting[TK_ZMTP_GREETING]);
/* -EPROTO: an older version, or another mechanism than NULL. */
int tk_zmtp_check_greeting (const uint8_t *greeting);

/* The command that tells the type of a socket; its size. */
size_t tk_zmtp_ready (uint8_t frame[TK_ZMTP_READY_MAX], const char *type);
/* A command's body. -EPROTO: it is not the one that must come first. */
int tk_zmtp_check_ready (const uint8_t *body, size_t size);

/* What stands before a frame of that size; the head's own size. */
size_t tk_zmtp_head (uint8_t *head, unsigned flags, uint64_t size);
/* The same backwards: the head's size, 0 when more bytes are needed. */
size_t tk_zmtp_read_head (const uint8_t *at, size_t have, unsigned *flags,
                          uint64_t *size);

#endif
