/* SPDX-License-Identifier: MPL-2.0 */
/* input.c - documents of the command line and of standard input. */
#include "tools/troika/input.h"

#include <stdio.h>
#include <string.h>
#include "tools/troika/status.h"

static troika_msg_t *
parse (const cli_options_t *options, const char *text, size_t size)
{
    if (options->lines)
        return troika_msg_pack ("S", text, size);
    return troika_msg_from_json (text);
}

troika_msg_t *
cli_document (const cli_options_t *options, const char *endpoint,
              const char *what, const char *text, size_t size)
{
    if (!options->lines && strlen (text) != size) {
        cli_complain (CLI_BAD_INPUT, endpoint, "%s: a NUL byte in JSON", what);
        return NULL;
    }
    troika_msg_t *msg = parse (options, text, size);
    if (!msg)
        cli_complain (CLI_BAD_INPUT, endpoint, "%s: %s", what, troika_error ());
    return msg;
}

static bool
append (msgpack_sbuffer *buffer, const troika_msg_t *msg)
{
    return msgpack_sbuffer_write (buffer, troika_msg_data (msg),
                                  troika_msg_size (msg)) == 0;
}

static bool
append_texts (msgpack_sbuffer *buffer, const cli_options_t *options,
              const char *endpoint, char **texts)
{
    for (; *texts; texts++) {
        troika_msg_t *msg =
            cli_document (options, endpoint, *texts, *texts, strlen (*texts));
        bool done = msg && append (buffer, msg);
        troika_msg_destroy (&msg);
        if (!done)
            return false;
    }
    return true;
}

troika_msg_t *
cli_documents (const cli_options_t *options, const char *endpoint,
               const troika_msg_t *first, char **texts)
{
    size_t count = first != NULL;
    msgpack_sbuffer buffer;
    msgpack_packer packer;
    troika_msg_t *array = NULL;
    for (char **at = texts; *at; at++)
        count++;
    msgpack_sbuffer_init (&buffer);
    msgpack_packer_init (&packer, &buffer, msgpack_sbuffer_write);
    if (msgpack_pack_array (&packer, count) == 0 &&
        (!first || append (&buffer, first)) &&
        append_texts (&buffer, options, endpoint, texts)) {
        array = troika_msg_new (buffer.data, buffer.size);
        if (!array)
            cli_fail (endpoint);
    }
    msgpack_sbuffer_destroy (&buffer);
    return array;
}
