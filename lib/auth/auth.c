/* SPDX-License-Identifier: MPL-2.0 */
/*
 * auth.c - puts keys on sockets before they are bound or connected.
 *
 * A socket that cannot get the keys of its endpoint is not used without
 * them: every failure here is one of the bind or the connect.
 */
#include "lib/auth/auth.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>
#include "lib/auth/trusted.h"
#include "lib/auth/zap.h"
#include "lib/base/error.h"
#include "lib/base/runtime.h"

/* Whoever has not shaken hands by then is cut off: a half-open connection
 * costs a descriptor. */
#define HANDSHAKE_MS 5000

static int
set_key (void *socket, int option, const unsigned char *key)
{
    return zmq_setsockopt (socket, option, key, TK_KEY_SIZE) ? tk_zmq_errno ()
                                                             : 0;
}

static int
unknown (void)
{
    return tk_error (EACCES, "the keys of this endpoint are gone: the process "
                             "is ending");
}

static int
serve_with_keys (void *socket, const tk_endpoint_t *endpoint)
{
    int on = 1;
    const tk_keys_t *keys = tk_keys_find (endpoint->keys);
    if (!keys)
        return unknown ();
    int rc = tk_zap_start ();
    if (!rc)
        rc = tk_zap_insist (socket, keys);
    if (!rc && zmq_setsockopt (socket, ZMQ_CURVE_SERVER, &on, sizeof on))
        rc = tk_zmq_errno ();
    return rc ? rc
              : set_key (socket, ZMQ_CURVE_SECRETKEY, keys->server.secret_key);
}

static int
serve_tcp (void *socket, const tk_endpoint_t *endpoint)
{
    int patience = HANDSHAKE_MS;
    if (zmq_setsockopt (socket, ZMQ_HANDSHAKE_IVL, &patience, sizeof patience))
        return tk_zmq_errno ();
    return endpoint->keys ? serve_with_keys (socket, endpoint)
                          : tk_zap_refuse_old (socket);
}

int
tk_auth_serve (void *socket, const tk_endpoint_t *endpoint)
{
    if (endpoint->transport == TK_TCP)
        return serve_tcp (socket, endpoint);
    if (endpoint->transport != TK_IPC)
        return 0;
    int rc = tk_zap_refuse_old (socket);
    return rc ? rc : tk_auth_admit_owner (socket);
}

void
tk_auth_bound (const void *socket, const tk_endpoint_t *endpoint)
{
    if (endpoint->transport == TK_TCP && endpoint->keys)
        tk_guard_addresses_of (socket);
}

/* What this process, or its parent, serves has the pair of its own. */
static int
server_key (const tk_keys_t *keys, const tk_endpoint_t *endpoint,
            unsigned char *key)
{
    if (keys->trusted && !endpoint->served)
        return tk_trusted_server (keys->trusted, endpoint, key);
    memcpy (key, keys->server.public_key, TK_KEY_SIZE);
    return 0;
}

int
tk_auth_connect (void *socket, const tk_endpoint_t *endpoint)
{
    unsigned char server[TK_KEY_SIZE];
    const tk_keys_t *keys = tk_keys_find (endpoint->keys);
    if (endpoint->transport != TK_TCP || !endpoint->keys)
        return tk_auth_owner (endpoint);
    if (!keys)
        return unknown ();
    int rc = server_key (keys, endpoint, server);
    if (!rc)
        rc = set_key (socket, ZMQ_CURVE_SERVERKEY, server);
    if (!rc)
        rc = set_key (socket, ZMQ_CURVE_PUBLICKEY, keys->client.public_key);
    return rc ? rc
              : set_key (socket, ZMQ_CURVE_SECRETKEY, keys->client.secret_key);
}
