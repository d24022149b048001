/* SPDX-License-Identifier: MPL-2.0 */
/*
 * stage_messages.c - shows ThreadSanitizer the order that messages make.
 *
 * libzmq is not built with it: that a frame is written before it is sent, and
 * read after it has been received, goes through queues that it does not see.
 * So the calls of libzmq that hand over frames are defined here once more and
 * say it, each frame by the address of its bytes: two threads of one process
 * share them (inproc), or libzmq's thread calls what frees them. Nothing else
 * is ordered by it; what is not handed over by a frame stays a race.
 */
#include "tests/stage_parts.h"

#if UNDER_TSAN

#include <dlfcn.h>
#include <stdlib.h>
#include <sanitizer/tsan_interface.h>
#include <zmq.h>

#define REAL(function) ((__typeof__ (&(function)))dlsym (RTLD_NEXT, #function))
#define SEEN __attribute__ ((visibility ("default")))

SEEN int
zmq_msg_send (zmq_msg_t *msg, void *socket, int flags)
{
    __tsan_release (zmq_msg_data (msg));
    return REAL (zmq_msg_send) (msg, socket, flags);
}

SEEN int
zmq_msg_recv (zmq_msg_t *msg, void *socket, int flags)
{
    int size = REAL (zmq_msg_recv) (msg, socket, flags);
    if (size >= 0)
        __tsan_acquire (zmq_msg_data (msg));
    return size;
}

SEEN int
zmq_msg_close (zmq_msg_t *msg)
{
    __tsan_release (zmq_msg_data (msg));
    __tsan_acquire (zmq_msg_data (msg));
    return REAL (zmq_msg_close) (msg);
}

typedef struct {
    zmq_free_fn *call;
    void *hint;
} release_t;

static void
release_frame (void *data, void *arg)
{
    __tsan_acquire (data);
    release_t release = *(release_t *)arg;
    free (arg);
    release.call (data, release.hint);
}

SEEN int
zmq_msg_init_data (zmq_msg_t *msg, void *data, size_t size, zmq_free_fn *call,
                   void *hint)
{
    release_t *release = call ? malloc (sizeof *release) : NULL;
    if (release)
        *release = (release_t){call, hint};
    return REAL (zmq_msg_init_data) (msg, data, size,
                                     release ? release_frame : NULL, release);
}

#endif

void
stage_order_messages (void)
{
}
