/* SPDX-License-Identifier: MPL-2.0 */
/*
 * trusted.c - reads the directory of trusted certificates, again when it
 * changes.
 *
 * The directory's time tells of files that came and went, at the kernel's
 * resolution, so it is believed only once it is older than that; files that
 * were rewritten in place are found within a second.
 */
#include "lib/auth/trusted.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "lib/auth/certificate.h"
#include "lib/base/clock.h"
#include "lib/base/error.h"

#define FRESH_US INT64_C (1000000)
#define RESOLUTION_US INT64_C (20000)

struct tk_trusted {
    char *directory;
    unsigned char (*keys)[TK_KEY_SIZE];
    size_t count;
    size_t room;
    struct timespec changed; /* the directory's time when it was read */
    tk_time_t read_at;       /* 0: not yet */
    bool settled;            /* that time was no longer moving */
};

/* --- the directory, one certificate after the other */

typedef int (*visit_fn) (void *self, const tk_certificate_t *certificate);

static int
visit_all (const char *directory, visit_fn visit, void *self)
{
    char path[4096];
    tk_certificate_t certificate;
    int rc = 0;
    DIR *files = opendir (directory);
    if (!files)
        return -errno;
    for (struct dirent *at; !rc && (at = readdir (files));) {
        int size = snprintf (path, sizeof path, "%s/%s", directory, at->d_name);
        if (*at->d_name != '.' && size < (int)sizeof path &&
            !tk_certificate_read (&certificate, path))
            rc = visit (self, &certificate);
    }
    closedir (files);
    return rc;
}

/* --- who may come in */

tk_trusted_t *
tk_trusted_new (const char *directory)
{
    tk_trusted_t *self = calloc (1, sizeof *self);
    if (self && !(self->directory = strdup (directory))) {
        free (self);
        self = NULL;
    }
    return self;
}

void
tk_trusted_destroy (tk_trusted_t *self)
{
    if (!self)
        return;
    free (self->directory);
    free (self->keys);
    free (self);
}

static int
add (void *arg, const tk_certificate_t *certificate)
{
    tk_trusted_t *self = arg;
    if (self->count == self->room) {
        size_t room = self->room ? 2 * self->room : 16;
        void *keys = realloc (self->keys, room * sizeof *self->keys);
        if (!keys)
            return -ENOMEM;
        self->keys = keys;
        self->room = room;
    }
    memcpy (self->keys[self->count++], certificate->public_key, TK_KEY_SIZE);
    return 0;
}

static bool
is_current (const tk_trusted_t *self, const struct stat *found)
{
    return self->read_at && self->settled &&
           tk_clock_us () - self->read_at < FRESH_US &&
           found->st_mtim.tv_sec == self->changed.tv_sec &&
           found->st_mtim.tv_nsec == self->changed.tv_nsec;
}

/* Wall-clock time, as files have it. */
static bool
is_settled (const struct timespec *changed)
{
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    int64_t age_us = (int64_t)(now.tv_sec - changed->tv_sec) * 1000000 +
                     (now.tv_nsec - changed->tv_nsec) / 1000;
    return age_us > RESOLUTION_US;
}

/* A directory that cannot be read has nobody in it. */
static void
refresh (tk_trusted_t *self)
{
    struct stat found;
    if (stat (self->directory, &found)) {
        self->count = 0;
        self->read_at = 0;
        return;
    }
    if (is_current (self, &found))
        return;
    self->count = 0;
    self->settled = is_settled (&found.st_mtim);
    self->changed = found.st_mtim;
    self->read_at = tk_clock_us ();
    if (visit_all (self->directory, add, self))
        self->read_at = 0;
}

bool
tk_trusted_has (tk_trusted_t *self, const unsigned char *key)
{
    refresh (self);
    for (size_t i = 0; i < self->count; i++)
        if (!memcmp (self->keys[i], key, TK_KEY_SIZE))
            return true;
    return false;
}

/* --- whose key a server has */

typedef struct {
    const tk_endpoint_t *wanted;
    unsigned char named[TK_KEY_SIZE];
    unsigned char unnamed[TK_KEY_SIZE];
    bool found;      /* a certificate names the endpoint */
    size_t nameless; /* how many name none */
} search_t;

/* Casts go to the next port of the same server, and a listener's pipes to
 * ports of their own. */
static bool
is_at (const char *text, const tk_endpoint_t *wanted)
{
    tk_endpoint_t named;
    struct sockaddr_storage address;
    socklen_t size;
    int port = wanted->home_port ? wanted->home_port : wanted->port;
    if (tk_endpoint_parse (&named, text) || named.transport != TK_TCP ||
        (named.port != port && named.port + 1 != port))
        return false;
    return !strcmp (named.host, wanted->host) ||
           (!tk_endpoint_resolve (&named, false, &address, &size) &&
            !strcmp (named.host, wanted->host));
}

static int
match (void *arg, const tk_certificate_t *certificate)
{
    search_t *self = arg;
    if (!*certificate->endpoint) {
        memcpy (self->unnamed, certificate->public_key, TK_KEY_SIZE);
        self->nameless++;
    } else if (is_at (certificate->endpoint, self->wanted)) {
        memcpy (self->named, certificate->public_key, TK_KEY_SIZE);
        self->found = true;
    }
    return 0;
}

static int
unclear (const search_t *self, const char *directory)
{
    char text[TK_ADDRESS_MAX];
    tk_endpoint_text (self->wanted, text);
    if (!self->nameless)
        return tk_error (EACCES, "%s has no certificate of the server at %s",
                         directory, text);
    return tk_error (EACCES,
                     "none of the certificates in %s names the server at %s "
                     "(endpoint = \"%s\" below metadata)",
                     directory, text, text);
}

int
tk_trusted_server (const char *directory, const tk_endpoint_t *endpoint,
                   unsigned char *key)
{
    search_t search = {.wanted = endpoint};
    int rc = visit_all (directory, match, &search);
    if (rc)
        return tk_error (EACCES, "the trusted certificates in %s: %s",
                         directory, strerror (-rc));
    if (!search.found && search.nameless != 1)
        return unclear (&search, directory);
    memcpy (key, search.found ? search.named : search.unnamed, TK_KEY_SIZE);
    return 0;
}
