/* SPDX-License-Identifier: MPL-2.0 */
/*
 * zmtp.c - the bytes of ZMTP 3.0 (rfc.zeromq.org/spec/23) without security.
 *
 * Greeting: signature, version, mechanism, 31 zeros. Frame: a byte of flags,
 * the size in one byte or in eight, the body.
 */
#include "zmtp.h"

#include <errno.h>
#include <string.h>
#include "lib/base/error.h"

enum { VERSION_AT = 10, MECHANISM_AT = 12, MECHANISM_SIZE = 20 };

void
tk_zmtp_greeting (uint8_t greeting[TK_ZMTP_GREETING])
{
    memset (greeting, 0, TK_ZMTP_GREETING);
    greeting[0] = 0xff;
    greeting[8] = 1;
    greeting[9] = 0x7f;
    greeting[VERSION_AT] = 3;
    memcpy (greeting + MECHANISM_AT, "NULL", 4);
}

int
tk_zmtp_check_greeting (const uint8_t *greeting)
{
    static const uint8_t null[MECHANISM_SIZE] = "NULL";
    if (greeting[0] != 0xff || !(greeting[9] & 1) || greeting[VERSION_AT] < 3)
        return tk_error (EPROTO, "what speaks there is no ZMTP 3");
    if (memcmp (greeting + MECHANISM_AT, null, sizeof null))
        return tk_error (EPROTO, "what speaks there wants keys");
    return 0;
}

static uint8_t *
write_word (uint8_t *at, const char *word)
{
    size_t length = strlen (word);
    *at++ = (uint8_t)length;
    memcpy (at, word, length);
    return at + length;
}

size_t
tk_zmtp_ready (uint8_t frame[TK_ZMTP_READY_MAX], const char *type)
{
    uint8_t *at = frame + 2;
    at = write_word (at, "READY");
    at = write_word (at, "Socket-Type");
    memset (at, 0, 3); /* the value's size has four bytes */
    at = write_word (at + 3, type);
    frame[0] = TK_ZMTP_COMMAND;
    frame[1] = (uint8_t)(at - frame - 2);
    return (size_t)(at - frame);
}

int
tk_zmtp_check_ready (const uint8_t *body, size_t size)
{
    if (size >= 6 && !memcmp (body, "\5READY", 6))
        return 0;
    return tk_error (EPROTO, "what speaks there does not say READY");
}

size_t
tk_zmtp_head (uint8_t *head, unsigned flags, uint64_t size)
{
    if (size < 256) {
        head[0] = (uint8_t)flags;
        head[1] = (uint8_t)size;
        return 2;
    }
    head[0] = (uint8_t)(flags | TK_ZMTP_LONG);
    for (int i = 8; i > 0; i--, size >>= 8)
        head[i] = (uint8_t)size;
    return TK_ZMTP_HEAD_MAX;
}

size_t
tk_zmtp_read_head (const uint8_t *at, size_t have, unsigned *flags,
                   uint64_t *size)
{
    size_t width = have && (*at & TK_ZMTP_LONG) ? 8 : 1;
    if (have < 1 + width)
        return 0;
    *flags = *at;
    *size = 0;
    for (size_t i = 1; i <= width; i++)
        *size = *size << 8 | at[i];
    return 1 + width;
}
