/* SPDX-License-Identifier: MPL-2.0 */
/*
 * keygen.c - troika keygen: a CURVE certificate in czmq's two files, or a
 * shared secret.
 *
 * Written by hand: a secret file must be private from its first byte on, an
 * old one is not to be overwritten, and a full disk not to be overlooked.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <sodium.h>
#include <zmq.h>
#include "tools/troika/command.h"

#define KEY_SIZE 41 /* Z85 and a NUL */
#define SECRET_BYTES 32

static FILE *
create (const char *path, mode_t mode, bool force)
{
    if (force && unlink (path) && errno != ENOENT)
        return NULL;
    int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    FILE *file = fd < 0 ? NULL : fdopen (fd, "w");
    if (!file && fd >= 0)
        close (fd);
    return file;
}

static int
fail (const char *path)
{
    const char *advice = errno == EEXIST ? " (--force replaces it)" : "";
    return cli_complain (CLI_FAILED, path, "%s%s", strerror (errno), advice);
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

static int
write_certificate (const char *path, bool force, const char *public_key,
                   const char *secret_key)
{
    FILE *file = create (path, secret_key ? 0600 : 0644, force);
    if (!file)
        return fail (path);
    fprintf (file,
             "#   ZeroMQ CURVE %s Certificate, made by troika keygen.\n"
             "#   %s\n\n"
             "metadata\n"
             "curve\n"
             "    public-key = \"%s\"\n",
             secret_key ? "**Secret**" : "Public",
             secret_key ? "DO NOT PROVIDE THIS FILE TO OTHER USERS nor change "
                          "its permissions."
                        : "Put it into the directory of those who are to trust "
                          "its owner.",
             public_key);
    if (secret_key)
        fprintf (file, "    secret-key = \"%s\"\n", secret_key);
    return finish (file, path);
}

static int
make_certificate (const char *path, bool force)
{
    char public_key[KEY_SIZE], secret_key[KEY_SIZE], secret_path[4096];
    int size = snprintf (secret_path, sizeof secret_path, "%s_secret", path);
    if (size < 0 || (size_t)size >= sizeof secret_path)
        return cli_complain (CLI_USAGE, path, "the name is too long");
    if (zmq_curve_keypair (public_key, secret_key))
        return cli_complain (CLI_FAILED, path, "no keys: %s",
                             zmq_strerror (errno));
    int status = write_certificate (secret_path, force, public_key, secret_key);
    if (!status) {
        status = write_certificate (path, force, public_key, NULL);
        if (status)
            unlink (secret_path);
    }
    sodium_memzero (secret_key, sizeof secret_key);
    return status;
}

static int
make_secret (const char *path, bool force)
{
    unsigned char bytes[SECRET_BYTES];
    char text[2 * SECRET_BYTES + 1];
    FILE *file = create (path, 0600, force);
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
