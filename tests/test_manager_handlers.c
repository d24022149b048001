/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_manager_handlers.c - a handler that calls its own manager is refused,
 * at once, instead of waiting for itself.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include "tests/managed.h"

static char own_endpoint[600];
/* Counts the making of what its handlers use, and each use. */
static atomic_uint uses;

static void *
create_meddler (const troika_msg_t *args)
{
    (void)args;
    assert_true (atomic_load (&uses) > 0);
    return malloc (1);
}

static int
answer_errno (troika_call_t *call, bool failed)
{
    int error = failed ? errno : 0;
    atomic_fetch_add (&uses, 1);
    return troika_call_reply (call, "i", error);
}

/* Handles in the process that serves. */
static troika_manager_t *server;
static troika_manager_t *inside;
static troika_dict_t *own_dict;
static troika_queue_t *own_queue;

static int
meddle_call (void *object, troika_call_t *call)
{
    (void)object;
    return answer_errno (call, troika_dict_set (own_dict, "k", "i", 1) < 0);
}

static int
meddle_cast (void *object, troika_call_t *call)
{
    (void)object;
    return answer_errno (call, troika_queue_put (own_queue, 0, "i", 1) < 0);
}

static int
meddle_flush (void *object, troika_call_t *call)
{
    (void)object;
    return answer_errno (call, troika_queue_flush (own_queue, 1000) < 0);
}

static int
meddle_open (void *object, troika_call_t *call)
{
    (void)object;
    troika_dict_t *dict = troika_manager_dict (inside, "another");
    int rc = answer_errno (call, !dict);
    troika_dict_destroy (&dict);
    return rc;
}

static int
meddle_connect (void *object, troika_call_t *call)
{
    (void)object;
    troika_manager_t *manager = troika_manager_connect (own_endpoint);
    int rc = answer_errno (call, !manager);
    troika_manager_destroy (&manager);
    return rc;
}

static int
meddle_bind (void *object, troika_call_t *call)
{
    (void)object;
    return answer_errno (call, troika_manager_bind (server, "ipc://@x") < 0);
}

static int
meddle_register (void *object, troika_call_t *call)
{
    (void)object;
    return answer_errno (call,
                         troika_manager_register (server, &gate_type) < 0);
}

static int
meddle_shutdown (void *object, troika_call_t *call)
{
    (void)object;
    return answer_errno (call, troika_manager_shutdown (server, 100) < 0);
}

static const troika_method_t meddler_methods[] = {
    {"call", meddle_call},
    {"cast", meddle_cast},
    {"flush", meddle_flush},
    {"open", meddle_open},
    {"connect", meddle_connect},
    {"bind", meddle_bind},
    {"register", meddle_register},
    {"shutdown", meddle_shutdown},
    {NULL, NULL},
};

static const troika_type_t meddler_type = {"meddler", create_meddler, free,
                                           NULL, meddler_methods};

/* --- the manager */

static void *
start (const char *endpoint, const void *options)
{
    (void)options;
    troika_manager_t *self = CHECK_OK (troika_manager_new (endpoint));
    CHECK_OK (troika_manager_register (self, &meddler_type));
    server = self;
    snprintf (own_endpoint, sizeof own_endpoint, "%s",
              troika_manager_endpoint (self));
    inside = CHECK_OK (troika_manager_connect (own_endpoint));
    own_dict = CHECK_OK (troika_manager_dict (inside, "own"));
    own_queue = CHECK_OK (troika_manager_queue (inside, "own queue", NULL));
    atomic_store (&uses, 1);
    return self;
}

static const char *
endpoint (void *manager)
{
    return troika_manager_endpoint (manager);
}

static void
stop (void *manager)
{
    troika_manager_t *self = manager;
    assert_true (atomic_load (&uses) > 0);
    troika_dict_destroy (&own_dict);
    troika_queue_destroy (&own_queue);
    troika_manager_destroy (&inside);
    troika_manager_destroy (&self);
}

static troika_object_t *
open_meddler (stage_t *stage)
{
    static const stage_service_t service = {start, endpoint, stop};
    stage_serve (stage, &service, NULL);
    troika_manager_t *manager =
        CHECK_OK (troika_manager_connect (stage_endpoint (stage)));
    troika_object_t *meddler =
        CHECK_OK (troika_manager_object (manager, "meddler", "meddler", NULL));
    troika_manager_destroy (&manager);
    return meddler;
}

static int64_t
errno_of (troika_object_t *meddler, const char *method)
{
    return number_of (
        CHECK_OK (troika_object_call (meddler, 5000, method, NULL)));
}

static void
a_handler_cannot_call_its_own_manager (stage_t *stage)
{
    troika_object_t *meddler = open_meddler (stage);
    int64_t since = clock_ms ();
    assert_int_equal (errno_of (meddler, "call"), EDEADLK);
    assert_int_equal (errno_of (meddler, "cast"), EDEADLK);
    assert_int_equal (errno_of (meddler, "open"), EDEADLK);
    check_took (since, 0, 1000);
    troika_object_destroy (&meddler);
}

static void
a_handler_cannot_manage_its_own_manager (stage_t *stage)
{
    troika_object_t *meddler = open_meddler (stage);
    int64_t since = clock_ms ();
    assert_int_equal (errno_of (meddler, "flush"), EDEADLK);
    assert_int_equal (errno_of (meddler, "connect"), EDEADLK);
    assert_int_equal (errno_of (meddler, "bind"), EDEADLK);
    assert_int_equal (errno_of (meddler, "register"), EDEADLK);
    assert_int_equal (errno_of (meddler, "shutdown"), EDEADLK);
    check_took (since, 0, 1000);
    troika_object_destroy (&meddler);
}

static const stage_case_t cases[] = {
    STAGE_TEST (a_handler_cannot_call_its_own_manager),
    STAGE_TEST (a_handler_cannot_manage_its_own_manager),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
