/* SPDX-License-Identifier: MPL-2.0 */
/*
 * keys.c - the options that protect tcp, and the one that does without.
 *
 * A secret comes from a file and never from the command line, which every
 * user of a host can read. It is wiped when it has been used.
 */
#include "tools/troika/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <troika.h>
#include <unistd.h>
#include "tools/troika/status.h"

#define SECRET_MOST 4096

/* Up to size bytes of a file; how many, or -1 with errno (EFBIG: it has
 * more). */
static ssize_t
read_file (const char *path, char *data, size_t size)
{
    size_t filled = 0;
    ssize_t got = -1;
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    while (filled < size && (got = read (fd, data + filled, size - filled)) > 0)
        filled += (size_t)got;
    int error = got > 0 ? EFBIG : errno;
    close (fd);
    errno = error;
    return got == 0 ? (ssize_t)filled : -1;
}

/* The file without the end of its line. */
static int
set_secret (const char *path)
{
    char secret[SECRET_MOST + 1];
    ssize_t size = read_file (path, secret, SECRET_MOST);
    if (size < 0)
        return cli_complain (CLI_USAGE, path, "%s", strerror (errno));
    secret[size] = '\0';
    int status = CLI_OK;
    if (strlen (secret) != (size_t)size)
        status = cli_complain (CLI_USAGE, path, "there is a NUL byte in it");
    secret[strcspn (secret, "\r\n")] = '\0';
    if (!status && troika_set_authkey (secret))
        status = cli_complain (CLI_USAGE, path, "%s", troika_error ());
    sodium_memzero (secret, sizeof secret);
    return status;
}

static int
set_certificates (const cli_options_t *options)
{
    if (troika_set_keys (options->cert, options->trusted) == 0)
        return CLI_OK;
    return cli_complain (CLI_USAGE, options->cert, "%s", troika_error ());
}

int
cli_keys_apply (const cli_options_t *options, const char *command)
{
    if (options->plaintext)
        troika_set_plaintext (true);
    if (!options->cert != !options->trusted)
        return cli_complain (CLI_USAGE, command,
                             "--cert and --trusted go together");
    if (options->cert && options->authkey_file)
        return cli_complain (CLI_USAGE, command,
                             "--authkey-file and --cert exclude each other");
    if (options->authkey_file)
        return set_secret (options->authkey_file);
    return options->cert ? set_certificates (options) : CLI_OK;
}
