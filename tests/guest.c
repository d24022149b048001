/* SPDX-License-Identifier: MPL-2.0 */
/* guest.c - a client without our library, for honest and dishonest use. */
#include "tests/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>
#include "tests/queue_items.h"
#include "tests/stage_parts.h"

#define PATIENCE_MS 5000

void *
guest_open (guest_t *self, int type, const char *endpoint)
{
    int linger = 1000;
    int patience = PATIENCE_MS * (int)stage_scale ();
    void *socket = zmq_socket (self->context, type);
    assert_non_null (socket);
    zmq_setsockopt (socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt (socket, ZMQ_RCVTIMEO, &patience, sizeof patience);
    zmq_setsockopt (socket, ZMQ_SNDTIMEO, &patience, sizeof patience);
    assert_int_equal (zmq_connect (socket, endpoint), 0);
    return socket;
}

void
guest_close (void *socket)
{
    zmq_close (socket);
}

/* Port + 1, or path and ".cast". */
static void
find_ports (guest_t *self, const char *endpoint)
{
    strcpy (self->call_endpoint, endpoint);
    *strchr (self->call_endpoint, '#') = '\0';
    strcpy (self->cast_endpoint, self->call_endpoint);
    char *port = strrchr (self->cast_endpoint, ':') + 1;
    if (!strncmp (self->cast_endpoint, "tcp:", 4))
        sprintf (port, "%d", atoi (port) + 1);
    else
        strcat (self->cast_endpoint, ".cast");
}

guest_t
guest_arrive (stage_t *stage, const troika_queue_options_t *options)
{
    guest_t self = {.queue = stage_queue (stage, options)};
    self.context = zmq_ctx_new ();
    find_ports (&self, stage_endpoint (stage));
    self.call = guest_open (&self, ZMQ_DEALER, self.call_endpoint);
    self.cast = guest_open (&self, ZMQ_PUSH, self.cast_endpoint);
    return self;
}

void
guest_leave (guest_t *self)
{
    guest_close (self->call);
    guest_close (self->cast);
    zmq_ctx_term (self->context);
    troika_queue_destroy (&self->queue);
}

void
guest_call_bytes (guest_t *self, const void *data, size_t size)
{
    assert_int_equal (zmq_send (self->call, "", 0, ZMQ_SNDMORE), 0);
    assert_int_equal (zmq_send (self->call, data, size, 0), size);
}

troika_msg_t *
guest_answer (guest_t *self)
{
    zmq_msg_t frame;
    troika_msg_t *answer = NULL;
    int more = 1;
    while (more) {
        zmq_msg_init (&frame);
        if (zmq_msg_recv (&frame, self->call, 0) < 0)
            STAGE_FAIL ("no answer: %s", strerror (errno));
        more = zmq_msg_more (&frame);
        if (!more)
            answer = CHECK_OK (
                troika_msg_new (zmq_msg_data (&frame), zmq_msg_size (&frame)));
        zmq_msg_close (&frame);
    }
    return answer;
}

troika_msg_t *
guest_ask (guest_t *self, const char *json)
{
    troika_msg_t *request = CHECK_OK (troika_msg_from_json (json));
    guest_call_bytes (self, troika_msg_data (request),
                      troika_msg_size (request));
    troika_msg_destroy (&request);
    return guest_answer (self);
}

void
guest_cast (guest_t *self, const char *json)
{
    troika_msg_t *request = CHECK_OK (troika_msg_from_json (json));
    size_t size = troika_msg_size (request);
    assert_int_equal (zmq_send (self->cast, troika_msg_data (request), size, 0),
                      size);
    troika_msg_destroy (&request);
}

void
guest_check (guest_t *self, const char *json, const char *result)
{
    troika_msg_t *answer = guest_ask (self, json);
    char *text = CHECK_OK (troika_msg_json (answer));
    char wanted[1000];
    snprintf (wanted, sizeof wanted, "[null,%s]", result);
    if (strcmp (text, wanted) != 0)
        STAGE_FAIL ("%s was answered %s, wanted %s", json, text, wanted);
    free (text);
    troika_msg_destroy (&answer);
}

void
guest_check_error (guest_t *self, const char *json, const char *error)
{
    const char *name, *words;
    troika_msg_t *answer = guest_ask (self, json);
    if (troika_msg_unpack (answer, "[ss]", &name, &words) ||
        strcmp (name, error) != 0)
        STAGE_FAIL ("%s was answered %s, wanted %s", json,
                    troika_msg_json (answer), error);
    troika_msg_destroy (&answer);
}

int64_t
guest_counter (guest_t *self, const char *name)
{
    int64_t value;
    troika_msg_t *answer = guest_ask (self, "[\"\",\"stat\",[]]");
    if (troika_msg_unpack (answer, "[n{s:I}]", name, &value))
        STAGE_FAIL ("stat was answered %s", troika_msg_json (answer));
    troika_msg_destroy (&answer);
    return value;
}

void
guest_check_service (guest_t *self)
{
    static int64_t number = 1000000;
    PUT (self->queue, ++number);
    CHECK_NEXT (self->queue, number);
    guest_check (self, "[\"\",\"ping\",[]]", "null");
}
