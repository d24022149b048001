/* SPDX-License-Identifier: MPL-2.0 */
/*
 * params.c - the objects that serve makes, as they are written:
 * NAME[:PARAMETERS].
 *
 * One function reads the parameters of each type that has any. They write
 * into a copy of the text.
 */
#include "tools/troika/params.h"

#include <stdlib.h>
#include <string.h>
#include "tools/troika/status.h"

/* Each gives NULL when the text does not fit; "" where there was none. */
typedef troika_msg_t *read_params_t (char *text);

/* Takes the word before the next comma off *rest; NULL at the end. */
static char *
next_word (char **rest)
{
    return *rest && **rest ? strsep (rest, ",") : NULL;
}

static troika_msg_t *
no_params (char *text)
{
    return *text ? NULL : troika_msg_pack ("[]");
}

static bool
read_queue_word (const char *word, troika_queue_options_t *o)
{
    static const char deliveries[] = "deliveries=";
    int64_t number;
    if (strcmp (word, "fifo") == 0)
        o->order = TROIKA_FIFO;
    else if (strcmp (word, "lifo") == 0)
        o->order = TROIKA_LIFO;
    else if (strcmp (word, "priority") == 0)
        o->order = TROIKA_PRIORITY;
    else if (strcmp (word, "ack") == 0)
        o->manual_ack = true;
    else if (strncmp (word, deliveries, sizeof deliveries - 1) == 0 &&
             cli_number (word + sizeof deliveries - 1, 0, UINT32_MAX, &number))
        o->max_deliveries = (unsigned)number;
    else if (cli_number (word, 0, INT64_MAX, &number))
        o->maxsize = (size_t)number;
    else
        return false;
    return true;
}

static troika_msg_t *
queue_params (char *text)
{
    troika_queue_options_t o = {0};
    for (char *word; (word = next_word (&text));)
        if (!read_queue_word (word, &o))
            return NULL;
    return troika_msg_pack ("[U,i,b,U]", (uint64_t)o.maxsize, (int)o.order,
                            (int)o.manual_ack, (uint64_t)o.max_deliveries);
}

static troika_msg_t *
value_params (char *text)
{
    troika_msg_t *initial =
        *text ? troika_msg_from_json (text) : troika_msg_pack (NULL);
    troika_msg_t *params = initial ? troika_msg_pack ("[m]", initial) : NULL;
    troika_msg_destroy (&initial);
    return params;
}

static troika_msg_t *
array_params (char *text)
{
    const char *type = next_word (&text);
    const char *length = next_word (&text);
    int64_t number;
    if (!length || text || !cli_number (length, 0, INT64_MAX, &number))
        return NULL;
    return troika_msg_pack ("[s,I]", type, number);
}

static troika_msg_t *
semaphore_params (char *text)
{
    const char *value = next_word (&text);
    const char *bounded = next_word (&text);
    int64_t number = 1;
    if (text || (value && !cli_number (value, 0, UINT32_MAX, &number)) ||
        (bounded && strcmp (bounded, "bounded") != 0))
        return NULL;
    return troika_msg_pack ("[I,b]", number, bounded != NULL);
}

static troika_msg_t *
barrier_params (char *text)
{
    int64_t parties;
    if (!cli_number (text, 1, UINT32_MAX, &parties))
        return NULL;
    return troika_msg_pack ("[I]", parties);
}

static const struct {
    const char *type;
    read_params_t *read;
} readers[] = {
    {"queue", queue_params},     {"value", value_params},
    {"array", array_params},     {"semaphore", semaphore_params},
    {"barrier", barrier_params},
};

static read_params_t *
reader_of (const char *type)
{
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (strcmp (readers[i].type, type) == 0)
            return readers[i].read;
    return no_params;
}

troika_msg_t *
cli_params (const cli_object_t *object, char *name, size_t size)
{
    troika_msg_t *params = NULL;
    size_t length = strcspn (object->text, ":");
    char *copy = strdup (object->text);
    if (!copy) {
        cli_complain (CLI_FAILED, object->text, "out of memory");
        return NULL;
    }
    snprintf (name, size, "%.*s", (int)length, copy);
    if (length > 0 && length < size)
        params =
            reader_of (object->type) (copy + length + (copy[length] == ':'));
    if (!params)
        cli_complain (CLI_USAGE, "serve", "--%s %s: that describes no %s",
                      object->type, object->text, object->type);
    free (copy);
    return params;
}
