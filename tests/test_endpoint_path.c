/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_endpoint_path.c - what bind does to files: its socket's mode, a dead
 * path that it takes over, all that it does not touch, private directories.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>
#include "lib/base/runtime.h"
#include "tests/endpoints.h"
#include "tests/sanitized.h"

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

enum { RACERS = 8 };

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

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (an_ipc_socket_has_mode_0600_and_unlink_removes_it),
        TEST (a_live_ipc_path_is_refused_and_stays_alive),
        TEST (a_dead_ipc_path_is_taken_over),
        TEST (a_live_socket_of_another_kind_is_refused),
        TEST (a_file_that_is_no_socket_is_never_touched),
        TEST (unlink_leaves_what_another_has_made),
        TEST (a_missing_directory_is_named),
        TEST (a_path_of_107_bytes_with_cast_binds),
        TEST (a_private_endpoint_is_removed_with_its_directory),
        TEST (a_private_endpoint_never_bound_is_removed),
        TEST (a_locked_directory_does_not_hold_bind_up),
        TEST (one_of_many_wins_a_dead_path),
        TEST (a_child_does_not_unlink_its_parents_path),
    };
    return cmocka_run_group_tests (tests, begin_group, NULL);
}
