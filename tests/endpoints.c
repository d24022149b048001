/* SPDX-License-Identifier: MPL-2.0 */
/* endpoints.c - a directory for every test, checks of endpoints. */
#include "tests/endpoints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>
#include <troika/base.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"
#include "tests/scale.h"

char directory[80];
static char root[48]; /* where the directories of the tests are made */

int
begin_group (void **state)
{
    const char *given = getenv ("TMPDIR");
    (void)state;
    snprintf (root, sizeof root, "%s", given ? given : "/tmp");
    troika_set_plaintext (true);
    /* Where no name server answers, that is to be found out soon. */
    return setenv ("RES_OPTIONS", "timeout:1 attempts:1", 1);
}

int
set_up (void **state)
{
    (void)state;
    alarm (30 * stage_scale ());
    snprintf (directory, sizeof directory, "%s/eXXXXXX", root);
    return !mkdtemp (directory) || setenv ("TMPDIR", directory, 1);
}

int
tear_down (void **state)
{
    (void)state;
    alarm (0);
    return rmdir (directory);
}

tk_endpoint_t
parsed (const char *format, ...)
{
    char text[512];
    tk_endpoint_t endpoint;
    va_list args;
    va_start (args, format);
    vsnprintf (text, sizeof text, format, args);
    va_end (args);
    int rc = tk_endpoint_parse (&endpoint, text);
    if (rc)
        fail_msg ("%s: %s", text, tk_error_text (-rc));
    return endpoint;
}

void *
opened (int type)
{
    void *socket;
    assert_int_equal (tk_socket (type, &socket), 0);
    return socket;
}

void
assert_fails (int rc, int error, const char *words)
{
    const char *text = tk_error_text (-rc);
    if (rc != -error)
        fail_msg ("%d (%s), not -%s", rc, text, tk_error_name (error));
    if (!strstr (text, words))
        fail_msg ("'%s' does not say '%s'", text, words);
}

void
assert_binds (tk_endpoint_t *endpoint, void *socket)
{
    int rc = tk_endpoint_bind (endpoint, socket);
    if (rc)
        fail_msg ("bind: %s", tk_error_text (-rc));
}

void
assert_message_passes (const tk_endpoint_t *endpoint, void *receiver)
{
    char buffer[8] = "";
    int limit = 5000;
    void *sender = opened (ZMQ_PUSH);
    int rc = tk_endpoint_connect (endpoint, sender);
    if (rc)
        fail_msg ("connect: %s", tk_error_text (-rc));
    zmq_setsockopt (receiver, ZMQ_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal (zmq_send (sender, "hello", 5, 0), 5);
    assert_int_equal (zmq_recv (receiver, buffer, sizeof buffer, 0), 5);
    assert_string_equal (buffer, "hello");
    tk_socket_close (sender);
}
