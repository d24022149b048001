/* SPDX-License-Identifier: MPL-2.0 */
/*
 * json_number.c - a number of a JSON text becomes one of a document.
 *
 * An integer is read digit by digit, so that all of 64 bits are kept; a
 * double is strtod()'s, which rounds correctly.
 */
#include "json_number.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int
refuse (const char **why, const char *words)
{
    *why = words;
    return -EBADMSG;
}

/* strtod() reads the decimal point of the locale; JSON's is the C locale's. */
static int
write_double (tk_buffer_t *out, const char *from, const char **why)
{
    locale_t plain = newlocale (LC_ALL_MASK, "C", (locale_t)0);
    if (!plain)
        return -ENOMEM;
    locale_t before = uselocale (plain);
    double value = strtod (from, NULL);
    uselocale (before);
    freelocale (plain);
    if (!isfinite (value))
        return refuse (why, "a number out of the range of doubles");
    tk_write_double (out, value);
    return 0;
}

static int
write_integer (tk_buffer_t *out, const char *from, size_t length,
               const char **why)
{
    bool negative = *from == '-';
    uint64_t value = 0;
    for (size_t i = negative; i < length; i++) {
        unsigned digit = (unsigned)(from[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return refuse (why, "an integer of more than 64 bits");
        value = 10 * value + digit;
    }
    if (negative && value > UINT64_C (1) << 63)
        return refuse (why, "an integer of more than 64 bits");
    if (negative)
        tk_write_int (out, (int64_t)(0 - value));
    else
        tk_write_uint (out, value);
    return 0;
}

static size_t
digits (const char *text)
{
    return strspn (text, "0123456789");
}

/* Where the number ends, or NULL; *real: it has a point or an exponent. */
static const char *
end_of (const char *at, bool *real)
{
    at += *at == '-';
    size_t whole = digits (at);
    if (whole == 0 || (*at == '0' && whole > 1))
        return NULL;
    at += whole;
    *real = *at == '.' || *at == 'e' || *at == 'E';
    if (*at == '.') {
        size_t more = digits (at + 1);
        if (more == 0)
            return NULL;
        at += 1 + more;
    }
    if (*at == 'e' || *at == 'E') {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        if (digits (at) == 0)
            return NULL;
        at += digits (at);
    }
    return at;
}

int
tk_json_number (const char **at, tk_buffer_t *out, const char **why)
{
    bool real = false;
    const char *from = *at;
    const char *end = end_of (from, &real);
    if (!end)
        return refuse (why, "not a number of JSON");
    int rc = real ? write_double (out, from, why)
                  : write_integer (out, from, (size_t)(end - from), why);
    if (rc == 0)
        *at = end;
    return rc;
}
