/* SPDX-License-Identifier: MPL-2.0 */
/*
 * keygen.c - troika keygen: a CURVE certificate in czmq's two files, or a
 * shared secret.
 *
 * A file with a secret is private from its first byte on, an old one is not
 * overwritten, and a full disk not overlooked.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <sodium.h>
#include <troika.h>
#include "tools/troika/command.h"

#define SECRET_BYTES 32

static FILE *
create (const char *path, bool force)
{
    if (force && unlink (path) && errno != ENOENT)
        return NULL;
    int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen (fd, "w");
    if (!file && fd >= 0)
        close (fd);
    return file;
}

static const char *
advice (int error)
{
    return error == EEXIST ? " (--force replaces it)" : "";
}

static int
fail (const char *path)
{
    return cli_complain (CLI_FAILED, path, "%s%s", strerror (errno),
                         advice (errno));
}

/* On the disk, or not there at all. */
static int
finish (FILE *file, const char *path)
{
    bool bad = fflush (file) || fsync (fileno (file)) || ferror (file);
    int error = errno;
    bad |= fclose (file) != 0;
    if (!bad)
        return CLI_OK;
    unlink (path);
    errno = error;
    return fail (path);
}

/* The library's own; an old pair goes first, both files or none. */
static int
make_certificate (const char *path, bool force)
{
    char secret_path[4096];
    int size = snprintf (secret_path, sizeof secret_path, "%s_secret", path);
    if (size < 0 || (size_t)size >= sizeof secret_path)
        return cli_complain (CLI_USAGE, path, "the name is too long");
    if (force && ((unlink (path) && errno != ENOENT) ||
                  (unlink (secret_path) && errno != ENOENT)))
        return fail (path);
    if (troika_keygen (path) == 0)
        return CLI_OK;
    return cli_complain (CLI_FAILED, path, "%s%s", troika_error (),
                         advice (errno));
}

static int
make_secret (const char *path, bool force)
{
    unsigned char bytes[SECRET_BYTES];
    char text[2 * SECRET_BYTES + 1];
    FILE *file = create (path, force);
    if (!file)
        return fail (path);
    randombytes_buf (bytes, sizeof bytes);
    sodium_bin2hex (text, sizeof text, bytes, sizeof bytes);
    fprintf (file, "%s\n", text);
    sodium_memzero (bytes, sizeof bytes);
    sodium_memzero (text, sizeof text);
    return finish (file, path);
}

static int
run (const cli_options_t *options, char **operands)
{
    if (sodium_init () < 0)
        return cli_complain (CLI_FAILED, operands[0], "no random numbers");
    return options->authkey ? make_secret (operands[0], options->force)
                            : make_certificate (operands[0], options->force);
}

const cli_command_t cli_keygen = {
    "keygen",
    "FILE",
    "make a certificate (FILE and FILE_secret), or a shared secret",
    "aF",
    1,
    1,
    false,
    run,
    "FILE holds the public key, for the directories of those who trust it; "
    "FILE_secret\nboth keys, for its owner alone (mode 0600). Files that are "
    "there are kept.\n",
    "  troika keygen ~/.config/troika/me\n"
    "  troika keygen --authkey /etc/troika/authkey\n",
};
