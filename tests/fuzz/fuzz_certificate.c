/* SPDX-License-Identifier: MPL-2.0 */
/*
 * fuzz_certificate.c - any file: read as a certificate, it is one or it is
 * not, and nothing else happens.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "lib/auth/certificate.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    char path[64];
    tk_certificate_t certificate;
    int fd = memfd_create ("certificate", MFD_CLOEXEC);
    if (fd < 0 || write (fd, data, size) != (ssize_t)size)
        abort ();
    snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
    int rc = tk_certificate_read (&certificate, path);
    if (rc && rc != -EBADMSG)
        abort ();
    if (!rc && (!certificate.has_public ||
                strnlen (certificate.endpoint, sizeof certificate.endpoint) ==
                    sizeof certificate.endpoint))
        abort ();
    close (fd);
    return 0;
}
