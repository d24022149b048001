/* SPDX-License-Identifier: MPL-2.0 */
/*
 * ls.c - troika ls and troika stat: the objects of a manager, by name and
 * type, or with all of their figures.
 */
#include <troika.h>
#include "tools/troika/command.h"
#include "tools/troika/output.h"
#include "tools/troika/place.h"
#include "tools/troika/tree.h"

/* {name, type} of an object that has figures, too. */
static void
print_brief (const cli_options_t *options, const msgpack_object *full)
{
    msgpack_object_kv pairs[2];
    msgpack_object brief = {.type = MSGPACK_OBJECT_MAP};
    if (full->type != MSGPACK_OBJECT_MAP || full->via.map.size < 2)
        return;
    pairs[0] = full->via.map.ptr[0];
    pairs[1] = full->via.map.ptr[1];
    brief.via.map.size = 2;
    brief.via.map.ptr = pairs;
    cli_print_tree (options, &brief);
}

/* The object called name, or all; how many there were. */
static uint32_t
print_objects (const cli_options_t *options, troika_msg_t *objects,
               const char *name, bool brief)
{
    const msgpack_object *elements = NULL;
    uint32_t count = cli_elements (troika_msg_object (objects), &elements);
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (name && !cli_is_text (cli_field (&elements[i], "name"), name))
            continue;
        found++;
        if (brief)
            print_brief (options, &elements[i]);
        else
            cli_print_tree (options, &elements[i]);
    }
    cli_flush ();
    return found;
}

static int
list (const cli_options_t *options, const char *endpoint, bool brief)
{
    cli_place_t place;
    troika_msg_t *objects = NULL;
    int status = cli_place_open (&place, endpoint);
    if (!status) {
        objects = troika_manager_objects (place.handle);
        if (!objects)
            status = cli_fail (endpoint);
        else if (!print_objects (options, objects, place.name, brief) &&
                 place.name)
            status = cli_complain (CLI_NOT_FOUND, endpoint,
                                   "there is no object '%s'", place.name);
    }
    troika_msg_destroy (&objects);
    cli_place_close (&place);
    return status;
}

static int
run_ls (const cli_options_t *options, char **operands)
{
    return list (options, operands[0], true);
}

static int
run_stat (const cli_options_t *options, char **operands)
{
    return list (options, operands[0], false);
}

const cli_command_t cli_ls = {
    "ls",
    "ENDPOINT",
    "list the objects of a manager: name and type",
    "",
    1,
    1,
    false,
    run_ls,
    NULL,
    "  troika ls tcp://db1:5555\n"
    "  troika ls tcp://db1:5555 | jq -r 'select (.type == \"queue\").name'\n",
};

const cli_command_t cli_stat = {
    "stat",
    "ENDPOINT[#OBJECT]",
    "print the figures of one object, or of all",
    "",
    1,
    1,
    false,
    run_stat,
    "A queue tells its size, items in flight, waiting gets and puts; a lock its "
    "holder\nand who waits: each a number of the manager for one thread or "
    "connection.\n",
    "  troika stat 'tcp://db1:5555#jobs' | jq .size\n"
    "  troika stat tcp://db1:5555\n",
};
