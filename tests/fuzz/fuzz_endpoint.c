/* SPDX-License-Identifier: MPL-2.0 */
/*
 * fuzz_endpoint.c - any text: it is an endpoint, and one that is the same
 * when it is put together and taken apart again, or the refusal says why.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <troika/base.h>
#include "lib/base/error.h"
#include "lib/wire/endpoint.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
is_put_together (const tk_endpoint_t *endpoint)
{
    char text[TK_ADDRESS_MAX];
    tk_endpoint_t again;
    tk_endpoint_text (endpoint, text);
    MUST (memchr (text, 0, sizeof text));
    MUST (!tk_endpoint_parse (&again, text));
    MUST (again.transport == endpoint->transport);
    MUST (again.port == endpoint->port);
    MUST (!strcmp (again.host, endpoint->host));
}

static void
has_others_beside (const tk_endpoint_t *endpoint)
{
    tk_endpoint_t other;
    tk_endpoint_cast (endpoint, &other);
    MUST (memchr (other.host, 0, sizeof other.host));
    if (tk_endpoint_call (endpoint, &other))
        MUST (memchr (other.host, 0, sizeof other.host));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    tk_endpoint_t endpoint;
    char *text = malloc (size + 1);
    if (!text)
        return 0;
    if (size > 0)
        memcpy (text, data, size);
    text[size] = '\0';
    int rc = tk_endpoint_parse (&endpoint, text);
    if (!rc) {
        is_put_together (&endpoint);
        has_others_beside (&endpoint);
    } else {
        MUST (rc == -EINVAL && tk_edge (rc) == -1 && *troika_error ());
    }
    free (text);
    return 0;
}
