/* SPDX-License-Identifier: MPL-2.0 */
/*
 * output.c - documents on standard output, one on a line.
 */
#include "tools/troika/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/troika/status.h"
#include "tools/troika/tree.h"

static _Noreturn void
leave (int error)
{
    if (error != EPIPE)
        cli_complain (CLI_FAILED, "standard output", "%s", strerror (error));
    _exit (CLI_FAILED);
}

static void
write_out (const void *data, size_t size)
{
    if (fwrite (data, 1, size, stdout) != size)
        leave (errno);
}

void
cli_flush (void)
{
    if (fflush (stdout) || ferror (stdout))
        leave (errno);
}

/* Whether it was a string or a binary, which is then printed as it is. */
static bool
print_raw (const troika_msg_t *msg)
{
    const void *data;
    const char *text;
    size_t size;
    if (troika_msg_unpack (msg, "S", &text, &size) == 0)
        write_out (text, size);
    else if (troika_msg_unpack (msg, "B", &data, &size) == 0)
        write_out (data, size);
    else
        return false;
    return true;
}

void
cli_print (const cli_options_t *options, const troika_msg_t *msg)
{
    if (!options->raw || !print_raw (msg)) {
        char *json = troika_msg_json (msg);
        if (!json)
            leave (errno);
        write_out (json, strlen (json));
        free (json);
    }
    write_out (options->null ? "\0" : "\n", 1);
}

void
cli_print_tree (const cli_options_t *options, const msgpack_object *object)
{
    troika_msg_t *msg = cli_message (object);
    if (!msg)
        leave (errno);
    cli_print (options, msg);
    troika_msg_destroy (&msg);
}

int
cli_answer_each (const cli_options_t *options, const char *endpoint,
                 troika_msg_t *msg)
{
    const msgpack_object *elements;
    const msgpack_object *array = msg ? troika_msg_object (msg) : NULL;
    if (!array)
        return cli_fail (endpoint);
    uint32_t count = cli_elements (array, &elements);
    for (uint32_t i = 0; i < count; i++)
        cli_print_tree (options, &elements[i]);
    troika_msg_destroy (&msg);
    cli_flush ();
    return CLI_OK;
}

int
cli_answer (const cli_options_t *options, const char *endpoint,
            troika_msg_t *msg)
{
    if (!msg)
        return cli_fail (endpoint);
    cli_print (options, msg);
    troika_msg_destroy (&msg);
    cli_flush ();
    return CLI_OK;
}
