/* SPDX-License-Identifier: MPL-2.0 */
/*
 * guest.h - a client without our library: raw ZeroMQ sockets on the two
 * ports of a queue that the stage serves. Requests are written as JSON, or
 * as whatever bytes a test wants to send.
 */
#ifndef GUEST_H
#define GUEST_H

#include "tests/stage.h"

/* Those of a literal, and how many. */
#define BYTES(text) text, sizeof text - 1

typedef struct {
    troika_queue_t *queue; /* an honest handle on the same queue */
    void *context;
    void *call; /* DEALER at the port for calls */
    void *cast; /* PUSH at the port for casts */
    char call_endpoint[600];
    char cast_endpoint[600];
} guest_t;

guest_t guest_arrive (stage_t *stage, const troika_queue_options_t *options);
void guest_leave (guest_t *self);

/* A socket more; to be closed by guest_close. */
void *guest_open (guest_t *self, int type, const char *endpoint);
void guest_close (void *socket);

/* Sends the bytes as a REQ would; what is answered within 5 s. */
void guest_call_bytes (guest_t *self, const void *data, size_t size);
troika_msg_t *guest_answer (guest_t *self);
troika_msg_t *guest_ask (guest_t *self, const char *json);

/* Pushes a cast. */
void guest_cast (guest_t *self, const char *json);

/* The answer is [nil, what result says], or [error, words]. */
void guest_check (guest_t *self, const char *json, const char *result);
void guest_check_error (guest_t *self, const char *json, const char *error);

/* A counter of the manager: ["", "stat", []]. */
int64_t guest_counter (guest_t *self, const char *name);

/* The queue still does its work. */
void guest_check_service (guest_t *self);

#endif
