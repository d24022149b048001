/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_endpoint.c - endpoints: what is taken, what is refused in which words,
 * and which ports and names bind takes. Paths are in test_endpoint_path.c.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>
#include "lib/base/runtime.h"
#include "tests/endpoints.h"

/* --- parsing */

static void
each_form_is_taken_apart (void **state)
{
    (void)state;
    static const struct {
        const char *text;
        tk_transport_t transport;
        const char *host;
        int port;
        const char *object;
    } forms[] = {
        {"inproc://name", TK_INPROC, "name", 0, ""},
        {"inproc://name#jobs", TK_INPROC, "name", 0, "jobs"},
        {"ipc:///run/app/x", TK_IPC, "/run/app/x", 0, ""},
        {"ipc:///run/app/x#a b", TK_IPC, "/run/app/x", 0, "a b"},
        {"ipc://@abstract#q", TK_IPC, "@abstract", 0, "q"},
        {"tcp://127.0.0.1:5555", TK_TCP, "127.0.0.1", 5555, ""},
        {"tcp://db1:5555#jobs", TK_TCP, "db1", 5555, "jobs"},
        {"tcp://[::1]:1#jobs#2", TK_TCP, "::1", 1, "jobs#2"},
        {"tcp://[fe80::1%eth0]:9", TK_TCP, "fe80::1%eth0", 9, ""},
        {"tcp://*:*", TK_TCP, "*", 0, ""},
        {"tcp://*:65534", TK_TCP, "*", 65534, ""},
    };
    for (size_t i = 0; i < LENGTH (forms); i++) {
        tk_endpoint_t endpoint = parsed ("%s", forms[i].text);
        assert_int_equal (endpoint.transport, forms[i].transport);
        assert_string_equal (endpoint.host, forms[i].host);
        assert_int_equal (endpoint.port, forms[i].port);
        assert_string_equal (endpoint.object, forms[i].object);
    }
}

static void
each_refusal_says_what_is_wrong (void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *words;
    } refusals[] = {
        {NULL, "no endpoint"},
        {"", "begins with none of"},
        {"udp://127.0.0.1:5555", "udp://127.0.0.1:5555"},
        {"TCP://127.0.0.1:5555", "begins with none of"},
        {"tcp:/127.0.0.1:5555", "begins with none of"},
        {"tcp://127.0.0.1:5555\n", "control characters"},
        {"inproc://", "no name"},
        {"inproc://#jobs", "no name"},
        {"inproc://a#", "no object name"},
        {"ipc://relative/x", "begins with /"},
        {"ipc://*", "begins with /"},
        {"ipc://", "begins with /"},
        {"ipc:///", "no name"},
        {"ipc://@", "no name"},
        {"tcp://", "no :port"},
        {"tcp://127.0.0.1", "no :port"},
        {"tcp://127.0.0.1#jobs", "no :port"},
        {"tcp://:5555", "no host"},
        {"tcp://host:", "neither a number nor *"},
        {"tcp://host:http", "neither a number nor *"},
        {"tcp://host:55x", "neither a number nor *"},
        {"tcp://host:-1", "neither a number nor *"},
        {"tcp://host:4294972851", "neither a number nor *"},
        {"tcp://host:0", "1..65534"},
        {"tcp://host:65535", "1..65534"},
        {"tcp://host:65536", "1..65534"},
        {"tcp://::1:5555", "written in [ ]"},
        {"tcp://[::1:5555", "no ]"},
        {"tcp://[::1]", "no :port"},
        {"tcp://[::1]5555", "no :port"},
        {"tcp://[localhost]:5555", "no IPv6 address"},
        {"tcp://a;b:5555", "no host name has"},
        {"tcp://a*:5555", "no host name has"},
        {"tcp://a b:5555", "no host name has"},
    };
    for (size_t i = 0; i < LENGTH (refusals); i++) {
        tk_endpoint_t endpoint;
        int rc = tk_endpoint_parse (&endpoint, refusals[i].text);
        assert_fails (rc, EINVAL, refusals[i].words);
    }
}

static int
parse_long (const char *prefix, size_t length, const char *suffix)
{
    char text[1024];
    tk_endpoint_t endpoint;
    size_t at = strlen (prefix);
    strcpy (text, prefix);
    memset (text + at, 'x', length);
    strcpy (text + at + length, suffix);
    return tk_endpoint_parse (&endpoint, text);
}

static void
lengths_are_limited (void **state)
{
    (void)state;
    assert_int_equal (parse_long ("ipc:///", 101, ""), 0);
    assert_fails (parse_long ("ipc:///", 102, ""), EINVAL, "102 bytes");
    assert_int_equal (parse_long ("ipc://@", 101, ""), 0);
    assert_fails (parse_long ("ipc://@", 102, ""), EINVAL, "102 bytes");
    assert_int_equal (parse_long ("inproc://", 250, ""), 0);
    assert_fails (parse_long ("inproc://", 251, ""), EINVAL, "250 bytes");
    assert_int_equal (parse_long ("tcp://", 255, ":1"), 0);
    assert_fails (parse_long ("tcp://", 256, ":1"), EINVAL, "255 bytes");
    assert_fails (parse_long ("tcp://", 900, ":1"), EINVAL, "255 bytes");
    assert_int_equal (parse_long ("inproc://a#", TK_NAME_MAX, ""), 0);
    assert_fails (parse_long ("inproc://a#", TK_NAME_MAX + 1, ""), EINVAL,
                  "255 bytes");
}

static void
text_leaves_the_object_out (void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"tcp://db1:5555#jobs", "tcp://db1:5555"},
        {"tcp://[::1]:5555", "tcp://[::1]:5555"},
        {"tcp://*:*", "tcp://*:*"},
        {"ipc:///tmp/x#jobs", "ipc:///tmp/x"},
        {"ipc://@x", "ipc://@x"},
        {"inproc://n#q", "inproc://n"},
    };
    for (size_t i = 0; i < LENGTH (texts); i++) {
        char buffer[TK_ADDRESS_MAX];
        tk_endpoint_t endpoint = parsed ("%s", texts[i][0]);
        tk_endpoint_text (&endpoint, buffer);
        assert_string_equal (buffer, texts[i][1]);
    }
}

static void
casts_have_an_endpoint_beside (void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"tcp://db1:65534#jobs", "tcp://db1:65535"},
        {"ipc:///tmp/x", "ipc:///tmp/x.cast"},
        {"ipc://@x", "ipc://@x.cast"},
        {"inproc://n", "inproc://n.cast"},
    };
    for (size_t i = 0; i < LENGTH (texts); i++) {
        char buffer[TK_ADDRESS_MAX];
        tk_endpoint_t cast, endpoint = parsed ("%s", texts[i][0]);
        tk_endpoint_cast (&endpoint, &cast);
        tk_endpoint_text (&cast, buffer);
        assert_string_equal (buffer, texts[i][1]);
    }
}

/* --- resolving */

static void
host_names_become_numbers (void **state)
{
    (void)state;
    struct sockaddr_storage address;
    socklen_t size;
    tk_endpoint_t endpoint = parsed ("tcp://localhost:5555");
    assert_int_equal (tk_endpoint_resolve (&endpoint, false, &address, &size),
                      0);
    assert_string_equal (endpoint.host, "127.0.0.1");
    assert_int_equal (address.ss_family, AF_INET);
    assert_int_equal (ntohs (((struct sockaddr_in *)&address)->sin_port), 5555);
}

static void
unknown_host_names_are_unreachable (void **state)
{
    (void)state;
    tk_endpoint_t endpoint = parsed ("tcp://no-such-host.invalid:5555");
    void *socket = opened (ZMQ_PUSH);
    assert_fails (tk_endpoint_connect (&endpoint, socket), EHOSTUNREACH,
                  "no-such-host.invalid");
    assert_fails (tk_endpoint_bind (&endpoint, socket), EHOSTUNREACH,
                  "no-such-host.invalid");
    tk_socket_close (socket);
}

static void
stars_are_not_to_connect_to (void **state)
{
    (void)state;
    void *socket = opened (ZMQ_PUSH);
    tk_endpoint_t any_host = parsed ("tcp://*:5555");
    tk_endpoint_t any_port = parsed ("tcp://127.0.0.1:*");
    assert_fails (tk_endpoint_connect (&any_host, socket), EINVAL,
                  "tcp://*:5555");
    assert_fails (tk_endpoint_connect (&any_port, socket), EINVAL,
                  "tcp://127.0.0.1:*");
    tk_socket_close (socket);
}

static void
inproc_and_star_resolve_to_no_address (void **state)
{
    (void)state;
    struct sockaddr_storage address;
    socklen_t size = 1;
    tk_endpoint_t inproc = parsed ("inproc://x");
    tk_endpoint_t star = parsed ("tcp://*:5555");
    assert_int_equal (tk_endpoint_resolve (&inproc, true, &address, &size), 0);
    assert_int_equal (size, 0);
    size = 1;
    assert_int_equal (tk_endpoint_resolve (&star, true, &address, &size), 0);
    assert_int_equal (size, 0);
}

/* --- binding */

static void
assert_binds_and_takes (const char *text)
{
    tk_endpoint_t endpoint = parsed ("%s", text);
    void *socket = opened (ZMQ_PULL);
    assert_binds (&endpoint, socket);
    assert_in_range (endpoint.port, 1, 65534);
    if (!strcmp (endpoint.host, "*"))
        strcpy (endpoint.host, "localhost");
    assert_message_passes (&endpoint, socket);
    tk_socket_close (socket);
}

static void
each_tcp_form_binds_and_takes_messages (void **state)
{
    (void)state;
    static const char *const forms[] = {
        "tcp://127.0.0.1:*", "tcp://localhost:*", "tcp://lo:*",
        "tcp://*:*",         "tcp://0.0.0.0:*",
    };
    for (size_t i = 0; i < LENGTH (forms); i++)
        assert_binds_and_takes (forms[i]);
}

static void
ipv6_binds_and_takes_messages (void **state)
{
    (void)state;
    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket (AF_INET6, SOCK_STREAM, 0);
    int rc = bind (fd, (struct sockaddr *)&address, sizeof address);
    close (fd);
    if (rc)
        skip ();
    assert_binds_and_takes ("tcp://[::1]:*");
}

static void
a_port_in_use_is_refused (void **state)
{
    (void)state;
    char text[32];
    tk_endpoint_t endpoint = parsed ("tcp://127.0.0.1:*");
    void *first = opened (ZMQ_PULL), *second = opened (ZMQ_PULL);
    assert_binds (&endpoint, first);
    snprintf (text, sizeof text, "127.0.0.1:%d", endpoint.port);
    assert_fails (tk_endpoint_bind (&endpoint, second), EADDRINUSE, text);
    tk_socket_close (second);
    tk_socket_close (first);
}

static void
a_port_just_left_can_be_taken_again (void **state)
{
    (void)state;
    tk_endpoint_t endpoint = parsed ("tcp://127.0.0.1:*");
    for (int i = 0; i < 20; i++) {
        void *socket = opened (ZMQ_PULL);
        assert_binds (&endpoint, socket);
        tk_socket_close (socket);
    }
}

static void
a_foreign_address_is_not_available (void **state)
{
    (void)state;
    tk_endpoint_t endpoint = parsed ("tcp://198.51.100.7:*");
    void *socket = opened (ZMQ_PULL);
    assert_fails (tk_endpoint_bind (&endpoint, socket), EADDRNOTAVAIL,
                  "198.51.100.7");
    tk_socket_close (socket);
}

static void
inproc_binds_once (void **state)
{
    (void)state;
    tk_endpoint_t endpoint = parsed ("inproc://once");
    void *first = opened (ZMQ_PULL), *second = opened (ZMQ_PULL);
    assert_binds (&endpoint, first);
    assert_message_passes (&endpoint, first);
    assert_fails (tk_endpoint_bind (&endpoint, second), EADDRINUSE,
                  "inproc://once");
    tk_socket_close (first);
    assert_binds (&endpoint, second);
    tk_socket_close (second);
}

static void
an_abstract_name_binds_once (void **state)
{
    (void)state;
    tk_endpoint_t endpoint = parsed ("ipc://@troika-test-%d", getpid ());
    tk_endpoint_t again = endpoint;
    void *first = opened (ZMQ_PULL), *second = opened (ZMQ_PULL);
    assert_binds (&endpoint, first);
    assert_message_passes (&endpoint, first);
    assert_fails (tk_endpoint_bind (&again, second), EADDRINUSE,
                  "@troika-test");
    tk_socket_close (first);
    assert_binds (&again, second);
    assert_message_passes (&again, second);
    tk_socket_close (second);
}

static void
one_socket_binds_ipc_and_tcp (void **state)
{
    (void)state;
    tk_endpoint_t ipc = parsed ("ipc://%s/s", directory);
    tk_endpoint_t tcp = parsed ("tcp://127.0.0.1:*");
    void *socket = opened (ZMQ_PULL);
    assert_binds (&ipc, socket);
    assert_binds (&tcp, socket);
    assert_message_passes (&ipc, socket);
    assert_message_passes (&tcp, socket);
    tk_endpoint_unlink (&ipc);
    tk_socket_close (socket);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (each_form_is_taken_apart),
        TEST (each_refusal_says_what_is_wrong),
        TEST (lengths_are_limited),
        TEST (text_leaves_the_object_out),
        TEST (casts_have_an_endpoint_beside),
        TEST (host_names_become_numbers),
        TEST (unknown_host_names_are_unreachable),
        TEST (stars_are_not_to_connect_to),
        TEST (inproc_and_star_resolve_to_no_address),
        TEST (each_tcp_form_binds_and_takes_messages),
        TEST (ipv6_binds_and_takes_messages),
        TEST (a_port_in_use_is_refused),
        TEST (a_port_just_left_can_be_taken_again),
        TEST (a_foreign_address_is_not_available),
        TEST (inproc_binds_once),
        TEST (an_abstract_name_binds_once),
        TEST (one_socket_binds_ipc_and_tcp),
    };
    return cmocka_run_group_tests (tests, begin_group, NULL);
}
