/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_endpoint.c - endpoints: what is taken, what is refused in which words,
 * what bind does to files and ports.
 *
 * Every test has ten seconds (SIGALRM ends the program). Files live in a
 * directory of the test's own, $TMPDIR while it runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>
#include "lib/base/error.h"
#include <troika/base.h>
#include "lib/base/runtime.h"
#include "lib/wire/endpoint.h"
#include "tests/sanitized.h"
#include "tests/scale.h"

#define LENGTH(array) (sizeof (array) / sizeof *(array))

static const char *root; /* where the directories of the tests are made */
static char directory[80];

static int
set_up (void **state)
{
    (void)state;
    alarm (30 * stage_scale ());
    snprintf (directory, sizeof directory, "%s/eXXXXXX", root);
    return !mkdtemp (directory) || setenv ("TMPDIR", directory, 1);
}

/* Fails the test that leaves a file behind. */
static int
tear_down (void **state)
{
    (void)state;
    alarm (0);
    return rmdir (directory);
}

static tk_endpoint_t
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

static void *
opened (int type)
{
    void *socket;
    assert_int_equal (tk_socket (type, &socket), 0);
    return socket;
}

static void
assert_fails (int rc, int error, const char *words)
{
    const char *text = tk_error_text (-rc);
    if (rc != -error)
        fail_msg ("%d (%s), not -%s", rc, text, tk_error_name (error));
    if (!strstr (text, words))
        fail_msg ("'%s' does not say '%s'", text, words);
}

static void
assert_binds (tk_endpoint_t *endpoint, void *socket)
{
    int rc = tk_endpoint_bind (endpoint, socket);
    if (rc)
        fail_msg ("bind: %s", tk_error_text (-rc));
}

static void
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
an_ipc_socket_has_mode_0600_and_unlink_removes_it (void **state)
{
    (void)state;
    struct stat found;
    static const mode_t umasks[] = {0, 022, 0777};
    for (size_t i = 0; i < LENGTH (umasks); i++) {
        tk_endpoint_t endpoint = parsed ("ipc://%s/s", directory);
        void *socket = opened (ZMQ_PULL);
        mode_t before = umask (umasks[i]);
        assert_binds (&endpoint, socket);
        umask (before);
        assert_int_equal (lstat (endpoint.host, &found), 0);
        assert_int_equal (found.st_mode, S_IFSOCK | 0600);
        assert_message_passes (&endpoint, socket);
        tk_endpoint_unlink (&endpoint);
        assert_int_equal (lstat (endpoint.host, &found), -1);
        tk_socket_close (socket);
    }
}

static void
a_live_ipc_path_is_refused_and_stays_alive (void **state)
{
    (void)state;
    tk_endpoint_t endpoint = parsed ("ipc://%s/s", directory);
    tk_endpoint_t again = endpoint;
    void *first = opened (ZMQ_PULL), *second = opened (ZMQ_PULL);
    assert_binds (&endpoint, first);
    assert_fails (tk_endpoint_bind (&again, second), EADDRINUSE,
                  "somebody listens there");
    tk_endpoint_unlink (&again);
    assert_message_passes (&endpoint, first);
    tk_socket_close (second);
    tk_endpoint_unlink (&endpoint);
    tk_socket_close (first);
}

static void
leave_dead_socket (const tk_endpoint_t *endpoint)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket (AF_UNIX, SOCK_STREAM, 0);
    strcpy (address.sun_path, endpoint->host);
    assert_int_equal (bind (fd, (struct sockaddr *)&address, sizeof address),
                      0);
    close (fd);
}

static void
a_dead_ipc_path_is_taken_over (void **state)
{
    (void)state;
    tk_endpoint_t endpoint = parsed ("ipc://%s/s", directory);
    void *socket = opened (ZMQ_PULL);
    leave_dead_socket (&endpoint);
    assert_binds (&endpoint, socket);
    assert_message_passes (&endpoint, socket);
    tk_endpoint_unlink (&endpoint);
    tk_socket_close (socket);
}

static void
assert_path_refused (const tk_endpoint_t *endpoint, const char *words)
{
    struct stat before, after;
    tk_endpoint_t attempt = *endpoint;
    void *socket = opened (ZMQ_PULL);
    assert_int_equal (lstat (endpoint->host, &before), 0);
    assert_fails (tk_endpoint_bind (&attempt, socket), EADDRINUSE, words);
    tk_endpoint_unlink (&attempt);
    assert_int_equal (lstat (endpoint->host, &after), 0);
    assert_int_equal (before.st_ino, after.st_ino);
    tk_socket_close (socket);
}

static void
a_live_socket_of_another_kind_is_refused (void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    tk_endpoint_t endpoint = parsed ("ipc://%s/s", directory);
    int fd = socket (AF_UNIX, SOCK_DGRAM, 0);
    strcpy (address.sun_path, endpoint.host);
    assert_int_equal (bind (fd, (struct sockaddr *)&address, sizeof address),
                      0);
    assert_path_refused (&endpoint, "somebody listens there");
    close (fd);
    unlink (endpoint.host);
}

static void
a_file_that_is_no_socket_is_never_touched (void **state)
{
    (void)state;
    tk_endpoint_t endpoint = parsed ("ipc://%s/s", directory);
    close (open (endpoint.host, O_CREAT | O_WRONLY, 0600));
    assert_path_refused (&endpoint, "a regular file");
    unlink (endpoint.host);
    assert_int_equal (mkdir (endpoint.host, 0700), 0);
    assert_path_refused (&endpoint, "a directory");
    rmdir (endpoint.host);
    assert_int_equal (symlink ("/nowhere", endpoint.host), 0);
    assert_path_refused (&endpoint, "a symbolic link");
    unlink (endpoint.host);
}

static void
unlink_leaves_what_another_has_made (void **state)
{
    (void)state;
    struct stat found;
    tk_endpoint_t endpoint = parsed ("ipc://%s/s", directory);
    void *socket = opened (ZMQ_PULL);
    assert_binds (&endpoint, socket);
    unlink (endpoint.host);
    leave_dead_socket (&endpoint);
    tk_endpoint_unlink (&endpoint);
    assert_int_equal (lstat (endpoint.host, &found), 0);
    unlink (endpoint.host);
    tk_socket_close (socket);
}

static void
a_missing_directory_is_named (void **state)
{
    (void)state;
    tk_endpoint_t missing = parsed ("ipc://%s/no/s", directory);
    tk_endpoint_t file = parsed ("ipc:///etc/passwd/s");
    void *socket = opened (ZMQ_PULL);
    assert_fails (tk_endpoint_bind (&missing, socket), ENOENT, "/no/s");
    assert_fails (tk_endpoint_bind (&file, socket), ENOTDIR, "/etc/passwd/s");
    tk_socket_close (socket);
}

static void
a_path_of_107_bytes_with_cast_binds (void **state)
{
    (void)state;
    char name[TK_PATH_MAX];
    size_t length = 102 - strlen (directory) - 1;
    memset (name, 'n', length);
    name[length] = '\0';
    tk_endpoint_t cast, endpoint = parsed ("ipc://%s/%s", directory, name);
    tk_endpoint_cast (&endpoint, &cast);
    assert_int_equal (strlen (cast.host), TK_PATH_MAX);
    void *socket = opened (ZMQ_PULL);
    assert_binds (&cast, socket);
    assert_message_passes (&cast, socket);
    tk_endpoint_unlink (&cast);
    tk_socket_close (socket);
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

static void
a_private_endpoint_is_removed_with_its_directory (void **state)
{
    (void)state;
    char parent[sizeof ((tk_endpoint_t *)0)->host];
    struct stat found;
    tk_endpoint_t cast, endpoint;
    void *first = opened (ZMQ_PULL), *second = opened (ZMQ_PULL);
    assert_int_equal (tk_endpoint_private (&endpoint), 0);
    strcpy (parent, endpoint.host);
    *strrchr (parent, '/') = '\0';
    assert_memory_equal (parent, directory, strlen (directory));
    assert_int_equal (stat (parent, &found), 0);
    assert_int_equal (found.st_mode, S_IFDIR | 0700);
    tk_endpoint_cast (&endpoint, &cast);
    assert_binds (&endpoint, first);
    assert_binds (&cast, second);
    assert_message_passes (&cast, second);
    tk_endpoint_unlink (&endpoint);
    tk_endpoint_unlink (&cast);
    assert_int_equal (stat (parent, &found), -1);
    tk_socket_close (first);
    tk_socket_close (second);
}

static void
a_private_endpoint_never_bound_is_removed (void **state)
{
    (void)state;
    tk_endpoint_t endpoint;
    assert_int_equal (tk_endpoint_private (&endpoint), 0);
    tk_endpoint_unlink (&endpoint);
}

static void
a_locked_directory_does_not_hold_bind_up (void **state)
{
    (void)state;
    tk_endpoint_t endpoint = parsed ("ipc://%s/s", directory);
    int fd = open (directory, O_RDONLY | O_DIRECTORY);
    assert_int_equal (flock (fd, LOCK_EX), 0);
    void *socket = opened (ZMQ_PULL);
    assert_binds (&endpoint, socket);
    tk_endpoint_unlink (&endpoint);
    close (fd);
    tk_socket_close (socket);
}

/* --- many processes at one path */

/* Binds when `go` closes, says how that went, stays until `end` closes. */
static void
race (const tk_endpoint_t *endpoint, const int go[2], int results,
      const int end[2])
{
    char byte;
    void *socket;
    tk_endpoint_t mine = *endpoint;
    close (go[1]);
    close (end[1]);
    int rc = tk_socket (ZMQ_PULL, &socket);
    while (read (go[0], &byte, 1) > 0)
        continue;
    if (!rc)
        rc = tk_endpoint_bind (&mine, socket);
    if (write (results, &rc, sizeof rc) != (ssize_t)sizeof rc)
        _exit (1);
    while (read (end[0], &byte, 1) > 0)
        continue;
    _exit (0);
}

enum { RACERS = 8 };

static int
winners (const tk_endpoint_t *endpoint)
{
    int go[2], results[2], end[2], rc, won = 0;
    assert_false (pipe (go) || pipe (results) || pipe (end));
    for (int i = 0; i < RACERS; i++)
        if (fork () == 0)
            race (endpoint, go, results[1], end);
    close (go[1]);
    for (int i = 0; i < RACERS; i++) {
        assert_int_equal (read (results[0], &rc, sizeof rc), sizeof rc);
        assert_true (rc == 0 || rc == -EADDRINUSE);
        won += rc == 0;
    }
    close (end[1]);
    for (int i = 0; i < RACERS; i++)
        wait (NULL);
    close (go[0]);
    close (results[0]);
    close (results[1]);
    close (end[0]);
    return won;
}

static void
one_of_many_wins_a_dead_path (void **state)
{
    (void)state;
    if (UNDER_TSAN)
        skip ();
    tk_endpoint_t endpoint = parsed ("ipc://%s/s", directory);
    leave_dead_socket (&endpoint);
    for (int round = 0; round < 40; round++)
        assert_int_equal (winners (&endpoint), 1);
    unlink (endpoint.host);
}

static void
a_child_does_not_unlink_its_parents_path (void **state)
{
    (void)state;
    struct stat found;
    tk_endpoint_t endpoint = parsed ("ipc://%s/s", directory);
    void *socket = opened (ZMQ_PULL);
    assert_binds (&endpoint, socket);
    pid_t child = fork ();
    if (child == 0) {
        tk_endpoint_unlink (&endpoint);
        _exit (0);
    }
    assert_int_equal (waitpid (child, NULL, 0), child);
    assert_int_equal (lstat (endpoint.host, &found), 0);
    tk_endpoint_unlink (&endpoint);
    tk_socket_close (socket);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
    troika_set_plaintext (true);
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
        TEST (an_ipc_socket_has_mode_0600_and_unlink_removes_it),
        TEST (a_live_ipc_path_is_refused_and_stays_alive),
        TEST (a_dead_ipc_path_is_taken_over),
        TEST (a_live_socket_of_another_kind_is_refused),
        TEST (a_file_that_is_no_socket_is_never_touched),
        TEST (unlink_leaves_what_another_has_made),
        TEST (a_missing_directory_is_named),
        TEST (a_path_of_107_bytes_with_cast_binds),
        TEST (an_abstract_name_binds_once),
        TEST (one_socket_binds_ipc_and_tcp),
        TEST (a_private_endpoint_is_removed_with_its_directory),
        TEST (a_private_endpoint_never_bound_is_removed),
        TEST (a_locked_directory_does_not_hold_bind_up),
        TEST (one_of_many_wins_a_dead_path),
        TEST (a_child_does_not_unlink_its_parents_path),
    };
    const char *given = getenv ("TMPDIR");
    char copy[48];
    snprintf (copy, sizeof copy, "%s", given ? given : "/tmp");
    root = copy;
    /* Where no name server answers, that is to be found out soon. */
    setenv ("RES_OPTIONS", "timeout:1 attempts:1", 1);
    return cmocka_run_group_tests (tests, NULL, NULL);
}
