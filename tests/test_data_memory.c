/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_data_memory.c - data objects when memory is short.
 *
 * Fails the n-th allocation of a method, for n = 1, 2… until it succeeds:
 * every failure must be ENOMEM and change nothing, and nothing may leak (for
 * ASan to see). The one exception is an answer for which there is no memory:
 * the caller cannot be told then that the method has been carried out.
 * Linked with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "lib/msg/document.h"
#include "lib/object/registry.h"
#include "patterns/array/array_private.h"
#include "patterns/dict/dict_private.h"
#include "patterns/list/list_private.h"
#include "patterns/namespace/namespace_private.h"
#include "patterns/value/value_private.h"
#include "tests/short_memory.h"

#define LONG "a text that is longer than sixteen bytes"

/* What is done to an object that has been set up, and how it is looked at. */
typedef struct {
    const troika_type_t *type;
    const char *params;
    const char *setup[2]; /* method and arguments, may be NULL */
    const char *method;
    const char *args;
    const char *look[2];
    const char *after; /* what is seen when it was carried out */
} case_t;

static const case_t cases[] = {
    {&tk_dict_type,
     "[]",
     {NULL, NULL},
     "set",
     "[\"" LONG "\",\"" LONG "\"]",
     {"items", "[]"},
     "[[\"" LONG "\",\"" LONG "\"]]"},
    {&tk_dict_type,
     "[]",
     {"set", "[1,\"" LONG "\"]"},
     "set",
     "[1,\"" LONG "!\"]",
     {"items", "[]"},
     "[[1,\"" LONG "!\"]]"},
    {&tk_dict_type,
     "[]",
     {"set", "[1,1]"},
     "update",
     "[{\"a\":\"" LONG "\",\"" LONG "\":2,\"b\":[1,2,3],\"c\":4,\"d\":5,"
     "\"e\":6,\"f\":\"" LONG "\"}]",
     {"len", "[]"},
     "8"},
    {&tk_dict_type,
     "[]",
     {"set", "[1,1]"},
     "setdefault",
     "[\"" LONG "\",\"" LONG "\"]",
     {"len", "[]"},
     "2"},
    {&tk_dict_type,
     "[]",
     {"set", "[1,1]"},
     "add",
     "[\"" LONG "\",1]",
     {"items", "[]"},
     "[[1,1],[\"" LONG "\",1]]"},
    {&tk_dict_type,
     "[]",
     {"set", "[[1000,1],1]"},
     "add",
     "[[1000,1],1]",
     {"items", "[]"},
     "[[[1000,1],2]]"},
    {&tk_dict_type,
     "[]",
     {"set", "[\"a\",\"" LONG "\"]"},
     "pop",
     "[\"a\"]",
     {"items", "[]"},
     "[]"},
    {&tk_dict_type,
     "[]",
     {"set", "[\"a\",1]"},
     "cas",
     "[\"a\",1,\"" LONG "\"]",
     {"items", "[]"},
     "[[\"a\",\"" LONG "\"]]"},
    {&tk_list_type,
     "[]",
     {NULL, NULL},
     "append",
     "[\"" LONG "\"]",
     {"slice", "[]"},
     "[\"" LONG "\"]"},
    {&tk_list_type,
     "[]",
     {"append", "[1]"},
     "extend",
     "[[\"" LONG "\",2,3,4,5,6,7,8,\"" LONG "\",[\"" LONG "\"]]]",
     {"len", "[]"},
     "11"},
    {&tk_list_type,
     "[]",
     {"append", "[1]"},
     "insert",
     "[0,\"" LONG "\"]",
     {"slice", "[]"},
     "[\"" LONG "\",1]"},
    {&tk_list_type,
     "[]",
     {"append", "[1]"},
     "set",
     "[0,\"" LONG "\"]",
     {"slice", "[]"},
     "[\"" LONG "\"]"},
    {&tk_list_type,
     "[]",
     {"append", "[\"" LONG "\"]"},
     "pop",
     "[]",
     {"slice", "[]"},
     "[]"},
    {&tk_list_type,
     "[]",
     {"extend", "[[3,2,1]]"},
     "sort",
     "[]",
     {"slice", "[]"},
     "[1,2,3]"},
    {&tk_value_type,
     "[1]",
     {NULL, NULL},
     "set",
     "[\"" LONG "\"]",
     {"get", "[]"},
     "\"" LONG "\""},
    {&tk_value_type, "[1]", {NULL, NULL}, "add", "[1]", {"get", "[]"}, "2"},
    {&tk_value_type,
     "[\"" LONG "\"]",
     {NULL, NULL},
     "cas",
     "[\"" LONG "\",\"" LONG "!\"]",
     {"get", "[]"},
     "\"" LONG "!\""},
    {&tk_array_type,
     "[\"i\",2]",
     {NULL, NULL},
     "set",
     "[0,7]",
     {"get", "[0]"},
     "7"},
    {&tk_namespace_type,
     "[]",
     {NULL, NULL},
     "set",
     "[\"" LONG "\",\"" LONG "\"]",
     {"all", "[]"},
     "{\"" LONG "\":\"" LONG "\"}"},
};

/* One call and what became of it. */
typedef struct {
    troika_call_t call;
    bool mute; /* no memory for the answer */
    char *error;
    char *result; /* JSON */
} trial_t;

static void
finish (troika_call_t *call, tk_buffer_t *answer)
{
    trial_t *trial = (trial_t *)(void *)call;
    unsigned kept = countdown;
    size_t size;
    tk_slab_t *slab = tk_buffer_take (answer, &size);
    countdown = 0;
    trial->mute = !slab;
    if (slab) {
        troika_msg_t *reply = tk_msg_slice (slab, tk_slab_data (slab), size);
        troika_msg_t *result;
        const char *error;
        if (!troika_msg_unpack (reply, "[n,m]", &result)) {
            trial->result = troika_msg_json (result);
            troika_msg_destroy (&result);
        } else {
            assert_int_equal (troika_msg_unpack (reply, "[s,s]", &error, NULL),
                              0);
            trial->error = strdup (error);
        }
        troika_msg_destroy (&reply);
    }
    tk_slab_unref (slab);
    countdown = kept;
}

static void
trial_fini (trial_t *self)
{
    tk_call_fini (&self->call);
    free (self->error);
    free (self->result);
}

/* The n-th allocation fails; true when there were fewer. */
static bool
try (tk_registry_t *registry, const char *method, const char *args, unsigned n,
     trial_t *trial)
{
    troika_msg_t *msg = troika_msg_from_json (args);
    assert_non_null (msg);
    memset (trial, 0, sizeof *trial);
    tk_call_init (&trial->call, registry, msg, finish);
    tk_object_t *object = tk_registry_find (registry, "it", 2);
    countdown = n;
    tk_call_run (&trial->call, object, method, strlen (method));
    bool spared = countdown > 0;
    countdown = 0;
    return spared;
}

static char *
look (tk_registry_t *registry, const case_t *test)
{
    trial_t trial;
    try (registry, test->look[0], test->look[1], 0, &trial);
    assert_non_null (trial.result);
    char *seen = strdup (trial.result);
    trial_fini (&trial);
    return seen;
}

static tk_registry_t *
set_up (const case_t *test)
{
    static const tk_registry_hooks_t hooks;
    tk_object_t *object;
    trial_t trial;
    tk_registry_t *registry = tk_registry_new (&hooks);
    troika_msg_t *params = troika_msg_from_json (test->params);
    assert_int_equal (tk_registry_add_type (registry, test->type), 0);
    assert_int_equal (
        tk_registry_open (registry, test->type->name, "it", params, &object),
        0);
    troika_msg_destroy (&params);
    if (test->setup[0]) {
        try (registry, test->setup[0], test->setup[1], 0, &trial);
        assert_non_null (trial.result);
        trial_fini (&trial);
    }
    return registry;
}

/* True when the method has succeeded. */
static bool
fail_once (const case_t *test, unsigned n)
{
    trial_t trial;
    tk_registry_t *registry = set_up (test);
    char *before = look (registry, test);
    bool spared = try (registry, test->method, test->args, n, &trial);
    char *after = look (registry, test);
    if (!trial.mute && trial.error) {
        if (strcmp (trial.error, "ENOMEM"))
            fail_msg ("%s %s, allocation %u: %s", test->type->name,
                      test->method, n, trial.error);
        if (strcmp (before, after) && strcmp (test->after, after))
            fail_msg ("%s %s: half done: %s", test->type->name, test->method,
                      after);
    } else if (!trial.mute)
        assert_string_equal (test->after, after);
    else if (strcmp (before, after))
        assert_string_equal (test->after, after);
    bool done = trial.result && spared;
    free (before);
    free (after);
    trial_fini (&trial);
    tk_registry_destroy (&registry);
    return done;
}

static void
methods_are_carried_out_wholly_or_not_at_all (void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned n = 1;
        while (!fail_once (&cases[i], n))
            assert_true (n++ < 100);
        if (n < 2)
            fail_msg ("%s %s allocated nothing", cases[i].type->name,
                      cases[i].method);
    }
}

static void
create_fails_with_enomem (void **state)
{
    (void)state;
    static const tk_registry_hooks_t hooks;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tk_object_t *object;
        tk_registry_t *registry = tk_registry_new (&hooks);
        troika_msg_t *params = troika_msg_from_json (cases[i].params);
        const char *type = cases[i].type->name;
        assert_int_equal (tk_registry_add_type (registry, cases[i].type), 0);
        int rc = -ENOMEM;
        for (unsigned n = 1; rc; n++) {
            countdown = n;
            rc = tk_registry_open (registry, type, "it", params, &object);
            bool spared = countdown > 0;
            countdown = 0;
            if (!spared && rc)
                assert_int_equal (rc, -ENOMEM);
        }
        troika_msg_destroy (&params);
        tk_registry_destroy (&registry);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (methods_are_carried_out_wholly_or_not_at_all),
        cmocka_unit_test (create_fails_with_enomem),
    };
    setenv ("TROIKA_POOL", "0", 1); /* each block an allocation */
    return cmocka_run_group_tests (tests, NULL, NULL);
}
