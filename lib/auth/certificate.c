/* SPDX-License-Identifier: MPL-2.0 */
/*
 * certificate.c - reads and writes certificate files.
 *
 * They are ZPL: a line without indentation names a section, the indented
 * ones below it are "name = value", # begins a comment. Of all that,
 * curve/public-key, curve/secret-key and metadata/endpoint matter here.
 */
#include "lib/auth/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>
#include "lib/base/error.h"

#define Z85_SIZE 40
#define LINE_SIZE 1024 /* of a line that means something */

/* --- reading */

/* What is quoted, or a word; in place. */
static char *
value_of (char *text)
{
    text += strspn (text, " \t");
    char quote = *text;
    if (quote != '"' && quote != '\'') {
        text[strcspn (text, " \t\r\n#")] = '\0';
        return text;
    }
    text++;
    char *end = strchr (text, quote);
    if (end)
        *end = '\0';
    return text;
}

static bool
decode (unsigned char *key, const char *text)
{
    return strlen (text) == Z85_SIZE && zmq_z85_decode (key, text);
}

static void
take (tk_certificate_t *self, const char *section, const char *name,
      const char *value)
{
    bool curve = !strcmp (section, "curve");
    if (curve && !strcmp (name, "public-key"))
        self->has_public = decode (self->public_key, value);
    else if (curve && !strcmp (name, "secret-key"))
        self->has_secret = decode (self->secret_key, value);
    else if (!strcmp (section, "metadata") && !strcmp (name, "endpoint"))
        snprintf (self->endpoint, sizeof self->endpoint, "%s", value);
}

static void
read_line (tk_certificate_t *self, char *section, char *line)
{
    char *name = line + strspn (line, " \t");
    size_t length = strcspn (name, " \t\r\n=#");
    char *equals = strchr (name, '=');
    if (!length)
        return;
    if (name == line) {
        snprintf (section, 32, "%.*s", (int)length, name);
    } else if (equals) {
        name[length] = '\0';
        take (self, section, name, value_of (equals + 1));
    }
}

/* No pipe or device, which might not end. */
static int
open_file (const char *path, FILE **file)
{
    struct stat found;
    *file = NULL;
    int fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (fstat (fd, &found) || !S_ISREG (found.st_mode) ||
        !(*file = fdopen (fd, "r"))) {
        close (fd);
        return -EBADMSG;
    }
    return 0;
}

static int
read_file (tk_certificate_t *self, const char *path)
{
    char line[LINE_SIZE];
    char section[32] = "";
    FILE *file = NULL;
    memset (self, 0, sizeof *self);
    int rc = open_file (path, &file);
    if (rc)
        return rc;
    while (fgets (line, sizeof line, file))
        read_line (self, section, line);
    sodium_memzero (line, sizeof line);
    rc = ferror (file) ? -EBADMSG : 0;
    fclose (file);
    return rc;
}

static int
failed (int error, const char *name)
{
    return tk_error (error, "certificate %s: %s", name, strerror (error));
}

int
tk_certificate_read (tk_certificate_t *self, const char *name)
{
    int rc = read_file (self, name);
    if (rc)
        return failed (-rc, name);
    if (self->has_public)
        return 0;
    return tk_error (EBADMSG, "certificate %s: no public key in it", name);
}

static int
name_secret (char *path, const char *name)
{
    if (snprintf (path, PATH_MAX, "%s_secret", name) < PATH_MAX)
        return 0;
    return failed (EINVAL, name);
}

int
tk_certificate_read_own (tk_certificate_t *self, const char *name)
{
    char path[PATH_MAX];
    int rc = name_secret (path, name);
    if (rc)
        return rc;
    rc = tk_certificate_read (self, path);
    if (rc == -ENOENT)
        rc = tk_certificate_read (self, strcpy (path, name));
    if (!rc && !self->has_secret)
        rc = tk_error (EBADMSG, "certificate %s: no secret key in it", path);
    return rc;
}

/* --- writing */

static int
write_file (const tk_pair_t *pair, const char *path, bool secret)
{
    char text[Z85_SIZE + 1];
    int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                   secret ? 0600 : 0644);
    FILE *file = fd < 0 ? NULL : fdopen (fd, "w");
    if (!file)
        return failed (errno, path);
    fprintf (file, "#   ZeroMQ CURVE %s certificate\n%s\ncurve\n",
             secret ? "secret" : "public",
             secret ? "#   Nobody but its owner may see this file.\n" : "");
    zmq_z85_encode (text, pair->public_key, TK_KEY_SIZE);
    fprintf (file, "    public-key = \"%s\"\n", text);
    zmq_z85_encode (text, pair->secret_key, TK_KEY_SIZE);
    if (secret)
        fprintf (file, "    secret-key = \"%s\"\n", text);
    sodium_memzero (text, sizeof text);
    bool good = !ferror (file);
    if (fclose (file) || !good) {
        unlink (path);
        return tk_error (EACCES, "certificate %s: it cannot be written", path);
    }
    return 0;
}

int
tk_certificate_write (const tk_pair_t *pair, const char *name)
{
    char path[PATH_MAX];
    int rc = name_secret (path, name);
    if (!rc)
        rc = write_file (pair, path, true);
    if (rc)
        return rc;
    rc = write_file (pair, name, false);
    if (rc)
        unlink (path);
    return rc;
}
