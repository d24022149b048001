/* SPDX-License-Identifier: MPL-2.0 */
/*
 * put.c - troika put: documents from operands or lines into a queue.
 *
 * Lines that were read together travel together; a line that comes alone is
 * put at once.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <troika.h>
#include <unistd.h>
#include "tools/troika/command.h"
#include "tools/troika/input.h"
#include "tools/troika/lines.h"
#include "tools/troika/signals.h"

#define TOGETHER 64

typedef struct {
    const cli_options_t *options;
    const char *endpoint;
    troika_queue_t *queue;
    troika_msg_t *items[TOGETHER]; /* gathered */
    size_t count;
    unsigned long long done; /* put before */
} put_t;

static ssize_t
put_some (put_t *self, size_t from)
{
    const cli_options_t *o = self->options;
    if (!o->has_priority)
        return troika_queue_put_many (self->queue, o->timeout,
                                      self->items + from, self->count - from);
    return troika_queue_put_priority (self->queue, o->timeout, o->priority,
                                      self->items[from])
               ? -1
               : 1;
}

static int
fail_put (const put_t *self)
{
    if (!self->done || errno == EINTR)
        return cli_fail (self->endpoint);
    return cli_complain (cli_status (errno), self->endpoint,
                         "%s (%llu were put before)", troika_error (),
                         self->done);
}

/* What was gathered goes in. */
static int
send_gathered (put_t *self)
{
    size_t sent = 0;
    int status = CLI_OK;
    while (sent < self->count && !status) {
        ssize_t some = put_some (self, sent);
        if (some < 0)
            status = fail_put (self);
        else
            sent += (size_t)some;
        self->done += some < 0 ? 0 : (size_t)some;
    }
    for (size_t i = 0; i < self->count; i++)
        troika_msg_destroy (&self->items[i]);
    self->count = 0;
    return status;
}

static int
gather (put_t *self, const char *what, const char *text, size_t size)
{
    troika_msg_t *item =
        cli_document (self->options, self->endpoint, what, text, size);
    if (!item)
        return CLI_BAD_INPUT;
    self->items[self->count++] = item;
    return self->count < TOGETHER ? CLI_OK : send_gathered (self);
}

static int
put_operands (put_t *self, char **operands)
{
    int status = CLI_OK;
    for (; *operands && !status; operands++)
        status = gather (self, *operands, *operands, strlen (*operands));
    return status;
}

static int
put_line (put_t *self, cli_lines_t *lines, const char *line, size_t size)
{
    char what[40];
    int status = CLI_OK;
    snprintf (what, sizeof what, "line %lu", lines->number);
    if (self->options->lines || line[strspn (line, " \t\r")])
        status = gather (self, what, line, size);
    if (!status && !cli_lines_ready (lines))
        status = send_gathered (self);
    return status;
}

static int
put_lines (put_t *self)
{
    cli_lines_t lines;
    char *line;
    size_t size;
    int status = CLI_OK;
    int rc = 1;
    cli_lines_init (&lines, STDIN_FILENO, self->options->null ? '\0' : '\n');
    while (!status && rc > 0 && !cli_signals_caught ()) {
        rc = cli_lines_next (&lines, &line, &size);
        if (rc > 0)
            status = put_line (self, &lines, line, size);
    }
    if (rc < 0 && rc != -EINTR)
        status =
            cli_complain (CLI_FAILED, "standard input", "%s", strerror (-rc));
    cli_lines_fini (&lines);
    return status;
}

/* Also what came before a bad line goes in, and is there when we say so. */
static int
finish (put_t *self, int status)
{
    int late = send_gathered (self);
    if (!late && !cli_signals_caught () &&
        troika_queue_flush (self->queue, TROIKA_FOREVER))
        late = cli_fail (self->endpoint);
    return status ? status : late;
}

static int
run (const cli_options_t *options, char **operands)
{
    put_t self = {.options = options, .endpoint = operands[0]};
    cli_signals_catch ();
    self.queue = troika_queue_connect (self.endpoint);
    if (!self.queue)
        return cli_fail (self.endpoint);
    int status =
        operands[1] ? put_operands (&self, operands + 1) : put_lines (&self);
    status = finish (&self, status);
    troika_queue_destroy (&self.queue);
    return status;
}

const cli_command_t cli_put = {
    "put",
    "ENDPOINT[#QUEUE] [JSON…]",
    "put documents, or lines of standard input, into a queue",
    "tl0p",
    1,
    -1,
    false,
    run,
    "Waits while the queue is full. Without JSON operands, each line of "
    "standard\ninput is a document; empty lines are passed over. It ends at "
    "the first line that\nis none: those before it are in the queue.\n",
    "  troika put 'tcp://db1:5555#jobs' '{\"id\": 7}' '{\"id\": 8}'\n"
    "  find . -name '*.log' -print0 | troika put 'ipc:///tmp/q#files' "
    "--lines -0\n"
    "  tail -f events.json | troika put 'tcp://db1:5555#events' --timeout "
    "5s\n",
};
