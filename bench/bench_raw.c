/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_raw.c - plain libzmq sockets, the measure of everything here.
 *
 * High-water marks are 0, as they are in the library: a finite one makes
 * the sender wait, which is not what is compared.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

static void *
make_socket (void *context, int type)
{
    void *socket = context ? zmq_socket (context, type) : NULL;
    bench_check (socket != NULL, "zmq_socket");
    int zero = 0;
    zmq_setsockopt (socket, ZMQ_SNDHWM, &zero, sizeof zero);
    zmq_setsockopt (socket, ZMQ_RCVHWM, &zero, sizeof zero);
    return socket;
}

void *
bench_bind (void *context, int type, bench_transport_t transport,
            char endpoint[BENCH_ENDPOINT_SIZE])
{
    static unsigned count;
    void *socket = make_socket (context, type);
    char wanted[BENCH_ENDPOINT_SIZE] = "tcp://127.0.0.1:*";
    if (transport == BENCH_IPC)
        snprintf (wanted, sizeof wanted, "ipc://@troika-bench-%d-%u",
                  (int)getpid (), count++);
    bench_check (zmq_bind (socket, wanted) == 0, "zmq_bind");
    size_t size = BENCH_ENDPOINT_SIZE;
    zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size);
    return socket;
}

void *
bench_connect (void *context, int type, const char *endpoint)
{
    void *socket = make_socket (context, type);
    bench_check (zmq_connect (socket, endpoint) == 0, "zmq_connect");
    return socket;
}

void
bench_send (void *socket, const void *data, size_t size)
{
    bench_check (zmq_send (socket, data, size, 0) == (int)size, "zmq_send");
}

size_t
bench_receive (void *socket, void *buffer, size_t room)
{
    int size = zmq_recv (socket, buffer, room, 0);
    bench_check (size >= 0 && (size_t)size <= room, "zmq_recv");
    return (size_t)size;
}
