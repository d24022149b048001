/* SPDX-License-Identifier: MPL-2.0 */
/*
 * endpoint_path.c - makes and removes the socket files of ipc endpoints.
 *
 * libzmq would unlink whatever is at the path, a live manager's socket or a
 * regular file. We remove a dead socket only, and nobody connects before the
 * mode is 0600, because listen() comes last. Two managers that find the same
 * dead path take turns by a lock on its directory, which leaves no file of
 * its own; where that cannot be had within 50 ms (another program holds it,
 * the directory is unreadable) we go on without it.
 */
#include "lib/wire/endpoint_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/base/error.h"
#include "lib/base/runtime.h"

#define BACKLOG 1024
#define LOCK_TRIES 50 /* one each millisecond */

static int
failed (const tk_endpoint_t *self, int error)
{
    return tk_error (error, "cannot bind ipc://%s: %s", self->host,
                     strerror (error));
}

static bool
has_file (const tk_endpoint_t *self)
{
    return self->transport == TK_IPC && *self->host == '/';
}

static void
directory_of (const tk_endpoint_t *self, char *directory)
{
    strcpy (directory, self->host);
    char *slash = strrchr (directory, '/');
    slash[slash == directory] = '\0';
}

/* The locked directory's descriptor, or -1. */
static int
lock_directory (const tk_endpoint_t *self)
{
    char directory[sizeof self->host];
    directory_of (self, directory);
    int fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int tries = 0;
    while (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB)) {
        if (errno != EWOULDBLOCK || ++tries == LOCK_TRIES) {
            close (fd);
            fd = -1;
        } else {
            poll (NULL, 0, 1);
        }
    }
    return fd;
}

/* A forked child may have a copy, so closing would not unlock. */
static void
unlock_directory (int fd)
{
    if (fd < 0)
        return;
    flock (fd, LOCK_UN);
    close (fd);
}

/* Nobody listens at the path, for certain. A full backlog (EAGAIN) or a
 * socket of another type is somebody. */
static bool
is_dead (const tk_endpoint_t *self)
{
    struct sockaddr_un address;
    socklen_t size = tk_endpoint_unix (self, &address);
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    bool dead = connect (fd, (struct sockaddr *)&address, size) &&
                errno == ECONNREFUSED;
    close (fd);
    return dead;
}

static const char *
kind (mode_t mode)
{
    return S_ISREG (mode)   ? "a regular file"
           : S_ISDIR (mode) ? "a directory"
           : S_ISLNK (mode) ? "a symbolic link"
                            : "not a socket";
}

/* Makes sure that nothing is at the path, or says what is. */
static int
clear_path (const tk_endpoint_t *self)
{
    struct stat found;
    if (lstat (self->host, &found))
        return errno == ENOENT ? 0 : failed (self, errno);
    if (!S_ISSOCK (found.st_mode))
        return tk_error (EADDRINUSE, "cannot bind ipc://%s: the path is %s",
                         self->host, kind (found.st_mode));
    if (!is_dead (self))
        return tk_error (EADDRINUSE,
                         "cannot bind ipc://%s: somebody listens there",
                         self->host);
    return unlink (self->host) && errno != ENOENT ? failed (self, errno) : 0;
}

/* Linux makes the file with the mode of the unbound socket; elsewhere, and
 * under a strange umask, the mode is set while nobody can connect yet. */
static int
bind_file (const tk_endpoint_t *self, int fd)
{
    struct sockaddr_un address;
    socklen_t size = tk_endpoint_unix (self, &address);
    int rc = has_file (self) ? clear_path (self) : 0;
    if (rc)
        return rc;
    (void)!fchmod (fd, S_IRUSR | S_IWUSR);
    if (bind (fd, (struct sockaddr *)&address, size))
        return failed (self, errno);
    return 0;
}

static int
protect_file (const tk_endpoint_t *self)
{
    struct stat made;
    if (lstat (self->host, &made) || !S_ISSOCK (made.st_mode))
        return failed (self, EADDRINUSE);
    if ((made.st_mode & 07777) != (S_IRUSR | S_IWUSR) &&
        chmod (self->host, S_IRUSR | S_IWUSR))
        return failed (self, errno);
    return 0;
}

static void
note_file (tk_endpoint_t *self)
{
    struct stat made;
    if (lstat (self->host, &made))
        return;
    self->made.generation = tk_generation ();
    self->made.device = made.st_dev;
    self->made.inode = made.st_ino;
    self->made.changed = made.st_ctim;
}

static int
listen_at (tk_endpoint_t *self, int fd)
{
    int rc = bind_file (self, fd);
    if (rc)
        return rc;
    if (has_file (self))
        rc = protect_file (self);
    if (!rc && listen (fd, BACKLOG))
        rc = failed (self, errno);
    if (has_file (self) && rc)
        unlink (self->host);
    else if (has_file (self))
        note_file (self);
    return rc;
}

int
tk_endpoint_listen (tk_endpoint_t *self, int *fd)
{
    *fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0)
        return failed (self, errno);
    int lock = has_file (self) ? lock_directory (self) : -1;
    int rc = listen_at (self, *fd);
    unlock_directory (lock);
    if (rc) {
        close (*fd);
        *fd = -1;
    }
    return rc;
}

static bool
is_made (const tk_endpoint_t *self)
{
    struct stat found;
    return self->made.inode && !lstat (self->host, &found) &&
           found.st_dev == self->made.device &&
           found.st_ino == self->made.inode &&
           found.st_ctim.tv_sec == self->made.changed.tv_sec &&
           found.st_ctim.tv_nsec == self->made.changed.tv_nsec;
}

void
tk_endpoint_unlink (const tk_endpoint_t *self)
{
    char directory[sizeof self->host];
    if (!has_file (self) || self->made.generation != tk_generation ())
        return;
    int lock = lock_directory (self);
    if (is_made (self))
        unlink (self->host);
    unlock_directory (lock);
    directory_of (self, directory);
    if (self->made.directory)
        rmdir (directory);
}

/* Room for "/troika-XXXXXX/m" and ".cast" must be left below the directory. */
static const char *
temporary (void)
{
    const char *directory = getenv ("TMPDIR");
    if (!directory || *directory != '/' || strlen (directory) > 80)
        return "/tmp";
    return directory;
}

int
tk_endpoint_private (tk_endpoint_t *self)
{
    memset (self, 0, sizeof *self);
    self->transport = TK_IPC;
    snprintf (self->host, sizeof self->host, "%s/troika-XXXXXX", temporary ());
    if (!mkdtemp (self->host)) {
        int error = errno;
        return tk_error (error, "no private directory in %s: %s", temporary (),
                         strerror (error));
    }
    strcat (self->host, "/m");
    self->made.directory = true;
    self->made.generation = tk_generation ();
    return 0;
}
