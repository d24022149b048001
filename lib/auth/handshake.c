/* SPDX-License-Identifier: MPL-2.0 */
/*
 * handshake.c - tells a refused key from a server that is not there.
 *
 * A server that cannot read what we encrypted for another key closes the
 * connection, as does one that is ending, or a proxy before a server that
 * has not begun. So after two of those we connect once more, say the first
 * eleven bytes of ZMTP, and read which mechanism the server greets with.
 */
#include "lib/auth/handshake.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/error.h"

#define ENOUGH 2
#define ASK_MS 500

void
tk_handshake_note (tk_handshake_t *self, uint16_t event, uint32_t value)
{
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        *self = (tk_handshake_t){0};
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        self->verdict = TK_HANDSHAKE_UNTRUSTED;
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        self->hung_up++;
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        if (value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH)
            self->verdict = TK_HANDSHAKE_MISMATCH;
        else if (value == ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC)
            self->verdict = TK_HANDSHAKE_OTHER;
        break;
    }
}

/* --- asking the server */

#define GREETING_SIZE 64
#define MECHANISM_AT 12
#define MECHANISM_SIZE 20

/* Until the descriptor is ready for that; false: too late. */
static bool
is_ready (int fd, short events, tk_time_t deadline)
{
    struct pollfd set = {.fd = fd, .events = events};
    int rc;
    do
        rc = poll (&set, 1, tk_deadline_poll (deadline));
    while (rc < 0 && errno == EINTR && tk_clock_us () < deadline);
    return rc > 0;
}

/* What the server sends before it knows what we are. */
static bool
read_greeting (int fd, unsigned char *greeting, tk_time_t deadline)
{
    static const unsigned char ours[] = {0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3};
    size_t size = 0;
    if (!is_ready (fd, POLLOUT, deadline) ||
        send (fd, ours, sizeof ours, MSG_NOSIGNAL) != (ssize_t)sizeof ours)
        return false;
    while (size < GREETING_SIZE && is_ready (fd, POLLIN, deadline)) {
        ssize_t more = recv (fd, greeting + size, GREETING_SIZE - size, 0);
        if (more <= 0)
            return false;
        size += (size_t)more;
    }
    return size == GREETING_SIZE && greeting[0] == 0xff && greeting[9] == 0x7f;
}

static bool
ask (const tk_endpoint_t *endpoint, unsigned char *greeting)
{
    tk_endpoint_t numeric = *endpoint;
    struct sockaddr_storage address;
    socklen_t size;
    tk_time_t deadline = tk_clock_us () + ASK_MS * 1000;
    if (tk_endpoint_resolve (&numeric, false, &address, &size))
        return false;
    int fd = socket (address.ss_family,
                     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool good = !connect (fd, (struct sockaddr *)&address, size) ||
                errno == EINPROGRESS;
    good = good && read_greeting (fd, greeting, deadline);
    close (fd);
    return good;
}

static tk_verdict_t
judge (const tk_endpoint_t *endpoint)
{
    unsigned char greeting[GREETING_SIZE];
    static const char null[MECHANISM_SIZE] = "NULL";
    static const char curve[MECHANISM_SIZE] = "CURVE";
    if (!ask (endpoint, greeting))
        return TK_HANDSHAKE_OPEN;
    const unsigned char *mechanism = greeting + MECHANISM_AT;
    if (!memcmp (mechanism, curve, sizeof curve))
        return endpoint->keys ? TK_HANDSHAKE_OTHER : TK_HANDSHAKE_MISMATCH;
    if (memcmp (mechanism, null, sizeof null) || endpoint->keys)
        return TK_HANDSHAKE_MISMATCH;
    return TK_HANDSHAKE_OPEN;
}

/* --- in words */

static int
refused (tk_verdict_t verdict, const tk_endpoint_t *endpoint)
{
    char text[TK_ADDRESS_MAX];
    tk_endpoint_text (endpoint, text);
    if (verdict == TK_HANDSHAKE_UNTRUSTED)
        return tk_error (EACCES,
                         "the server at %s refused this process's key: it is "
                         "not among those it trusts",
                         text);
    if (verdict == TK_HANDSHAKE_OTHER)
        return tk_error (EACCES,
                         "the server at %s has another key than this process "
                         "expects: the secrets or certificates differ",
                         text);
    if (endpoint->keys)
        return tk_error (EACCES,
                         "the server at %s has no keys, and this process "
                         "connects only to one that has",
                         text);
    return tk_error (EACCES,
                     "the server at %s wants keys: call troika_set_authkey() "
                     "or troika_set_keys() before connecting",
                     text);
}

int
tk_handshake_check (tk_handshake_t *self, const tk_endpoint_t *endpoint)
{
    if (!self->verdict && self->hung_up >= ENOUGH) {
        self->hung_up = 0;
        self->verdict = judge (endpoint);
    }
    return self->verdict ? refused (self->verdict, endpoint) : 0;
}
