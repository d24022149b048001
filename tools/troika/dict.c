/* SPDX-License-Identifier: MPL-2.0 */
/*
 * dict.c - troika dict: reads and changes a shared dict.
 *
 * One table says what each action calls and takes; the manager checks the
 * rest. An answer that is an array of many is printed one on a line.
 */
#include <stdlib.h>
#include <string.h>
#include <troika.h>
#include "tools/troika/command.h"
#include "tools/troika/input.h"
#include "tools/troika/output.h"
#include "tools/troika/signals.h"

typedef enum { QUIET, ONE, EACH, YES_NO } answer_t;

static const struct action {
    const char *name;
    bool has_key;
    int least, most; /* JSON operands behind the key */
    answer_t answer;
} actions[] = {
    {"get", true, 0, 1, ONE},      {"set", true, 1, 1, QUIET},
    {"del", true, 0, 0, QUIET},    {"has", true, 0, 0, YES_NO},
    {"pop", true, 0, 1, ONE},      {"setdefault", true, 1, 1, ONE},
    {"add", true, 0, 1, ONE},      {"cas", true, 1, 2, QUIET},
    {"wait", true, 0, 1, ONE},     {"keys", false, 0, 0, EACH},
    {"values", false, 0, 0, EACH}, {"items", false, 0, 0, EACH},
    {"len", false, 0, 0, ONE},     {"update", false, 1, 1, QUIET},
    {"clear", false, 0, 0, QUIET},
};

static const struct action *
find (const char *name)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp (actions[i].name, name) == 0)
            return &actions[i];
    return NULL;
}

static int
count_of (char **operands)
{
    int count = 0;
    while (operands[count])
        count++;
    return count;
}

static int
check (const struct action *action, const char *name, char **operands)
{
    if (!action)
        return cli_misused (&cli_dict, "a dict has no '%s'", name);
    int count = count_of (operands) - action->has_key;
    if (count < action->least || count > action->most)
        return cli_misused (&cli_dict, "%s takes %s%d to %d JSON", name,
                            action->has_key ? "KEY and " : "", action->least,
                            action->most);
    return CLI_OK;
}

/* [key, json…] */
static troika_msg_t *
arguments_of (const struct action *action, const cli_options_t *options,
              const char *endpoint, char **operands)
{
    if (!action->has_key)
        return cli_documents (options, endpoint, NULL, operands);
    cli_options_t as_text = *options;
    as_text.lines = !options->json_key;
    troika_msg_t *key = cli_document (&as_text, endpoint, operands[0],
                                      operands[0], strlen (operands[0]));
    troika_msg_t *all =
        key ? cli_documents (options, endpoint, key, operands + 1) : NULL;
    troika_msg_destroy (&key);
    return all;
}

/* false is told by the exit status, too. */
static int
answer_truth (const cli_options_t *options, const char *endpoint,
              troika_msg_t *msg)
{
    int truth = 0;
    if (msg)
        troika_msg_unpack (msg, "b", &truth);
    int status = cli_answer (options, endpoint, msg);
    return status || truth ? status : CLI_FAILED;
}

static int
answer (const struct action *action, const cli_options_t *options,
        const char *endpoint, troika_msg_t *msg)
{
    switch (msg ? action->answer : ONE) {
    case EACH:
        return cli_answer_each (options, endpoint, msg);
    case YES_NO:
        return answer_truth (options, endpoint, msg);
    case QUIET:
        troika_msg_destroy (&msg);
        return CLI_OK;
    case ONE:
        break;
    }
    return cli_answer (options, endpoint, msg);
}

/* By the dict's handle it is known to be a dict; the call itself needs only
 * an object. */
static int
call (const struct action *action, const cli_options_t *options,
      const char *endpoint, const troika_msg_t *arguments)
{
    troika_dict_t *dict = troika_dict_connect (endpoint);
    troika_object_t *object = dict ? troika_object_connect (endpoint) : NULL;
    int status =
        object ? answer (action, options, endpoint,
                         troika_object_call (object, options->timeout,
                                             action->name, "m", arguments))
               : cli_fail (endpoint);
    troika_object_destroy (&object);
    troika_dict_destroy (&dict);
    return status;
}

static int
run (const cli_options_t *options, char **operands)
{
    const struct action *action = find (operands[0]);
    const char *endpoint = operands[1];
    int status = check (action, operands[0], operands + 2);
    if (status)
        return status;
    troika_msg_t *arguments =
        arguments_of (action, options, endpoint, operands + 2);
    if (!arguments)
        return CLI_BAD_INPUT;
    cli_signals_catch ();
    status = call (action, options, endpoint, arguments);
    troika_msg_destroy (&arguments);
    return status;
}

const cli_command_t cli_dict = {
    "dict",
    "ACTION ENDPOINT#DICT [KEY [JSON…]]",
    "read and change a shared dict",
    "tr0j",
    2,
    5,
    false,
    run,
    "get KEY [DEFAULT]       print the value\n"
    "set KEY VALUE           set it\n"
    "del KEY                 remove it\n"
    "has KEY                 print true or false; 1 is the status for false\n"
    "pop KEY [DEFAULT]       print the value and remove it\n"
    "setdefault KEY VALUE    set it if it is not there; print what is there\n"
    "add KEY [N]             add to a number, print the sum\n"
    "cas KEY [EXPECTED] NEW  set it if it is as expected (not there)\n"
    "wait KEY [VERSION]      wait for a change; print [VERSION, VALUE]\n"
    "keys, values, items     print all, one on a line\n"
    "len                     print how many there are\n"
    "update JSON             merge a map\n"
    "clear                   remove all\n\n"
    "KEY is a string. What begins with a minus stands behind --.\n",
    "  troika dict set 'tcp://db1:5555#config' retries 3\n"
    "  troika dict get 'tcp://db1:5555#config' retries\n"
    "  troika dict add 'tcp://db1:5555#config' retries -- -1\n"
    "  troika dict wait 'tcp://db1:5555#config' retries --timeout 10s\n",
};
