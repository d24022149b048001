/* SPDX-License-Identifier: MPL-2.0 */
/*
 * demo_hash.c - a worker: takes names, sends back digests.
 *
 * It knows two endpoints and nothing else, so it might as well run on
 * another host that sees the same files.
 */
#include "examples/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DIGEST_SIZE = crypto_hash_sha256_BYTES };

/* 0; or -1 with errno. */
static int
hash_file (const char *path, unsigned char digest[DIGEST_SIZE])
{
    static unsigned char buffer[64 * 1024];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init (&state);
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t size;
    while ((size = read (fd, buffer, sizeof buffer)) > 0)
        crypto_hash_sha256_update (&state, buffer, (size_t)size);
    close (fd);
    crypto_hash_sha256_final (&state, digest);
    return size < 0 ? -1 : 0;
}

static void
work_on (const troika_msg_t *job, troika_queue_t *sums)
{
    const void *name;
    size_t size;
    if (troika_msg_unpack (job, "B", &name, &size))
        demo_fail ("a job");
    char *path = strndup (name, size);
    if (!path)
        demo_fail ("name");
    unsigned char digest[DIGEST_SIZE];
    int rc = hash_file (path, digest)
                 ? troika_queue_put (sums, TROIKA_FOREVER, "[B n]", name, size)
                 : troika_queue_put (sums, TROIKA_FOREVER, "[B B]", name, size,
                                     digest, sizeof digest);
    if (rc)
        demo_fail ("put a digest");
    free (path);
}

void
demo_hash (const char *jobs_endpoint, const char *sums_endpoint)
{
    troika_queue_t *jobs = troika_queue_connect (jobs_endpoint);
    troika_queue_t *sums = jobs ? troika_queue_connect (sums_endpoint) : NULL;
    if (!sums)
        demo_fail ("worker");
    troika_msg_t *job;
    while ((job = troika_queue_get (jobs, TROIKA_FOREVER))) {
        work_on (job, sums);
        troika_msg_destroy (&job);
    }
    if (errno != EPIPE)
        demo_fail ("get a name");
    if (troika_queue_put (sums, TROIKA_FOREVER, "n"))
        demo_fail ("put the end");
    troika_queue_destroy (&jobs);
    troika_queue_destroy (&sums);
}
