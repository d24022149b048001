/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_hazard.c - who ends an object waits for the threads that are inside,
 * and nobody comes in behind its back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/base/hazard.h"
#include "tests/sanitized.h"

#if defined __linux__ && !UNDER_TSAN
#define KERNEL_MAY_HELP 1
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

enum { VISITORS = 3, ENDS = UNDER_TSAN ? 300 : 3000 };

static void
nobody_is_inside_at_first (void **unused)
{
    static int object;
    (void)unused;
    assert_true (tk_hazard_await (&object, TK_NOWAIT));
}

static void
who_is_inside_is_waited_for (void **unused)
{
    static int object, other;
    (void)unused;
    assert_true (tk_hazard_enter (&object));
    assert_false (tk_hazard_await (&object, TK_NOWAIT));
    assert_false (tk_hazard_await (&object, tk_clock_us () + 1000));
    assert_true (tk_hazard_await (&other, TK_NOWAIT));
    tk_hazard_leave ();
    assert_true (tk_hazard_await (&object, TK_NOWAIT));
}

static void
a_thread_may_be_inside_many_and_twice (void **unused)
{
    enum { MANY = 4 * TK_HAZARDS };
    static int objects[MANY];
    (void)unused;
    for (int i = 0; i < 2 * MANY; i++)
        assert_true (tk_hazard_enter (&objects[i % MANY]));
    for (int i = 2 * MANY - 1; i >= 0; i--) {
        assert_false (tk_hazard_await (&objects[i % MANY], TK_NOWAIT));
        tk_hazard_leave ();
        assert_int_equal (tk_hazard_await (&objects[i % MANY], TK_NOWAIT),
                          i < MANY);
    }
}

/* --- threads */

typedef struct {
    atomic_bool closed;
    atomic_int inside;
    int gone; /* plain: what is done with the object */
} house_t;

typedef struct {
    _Atomic (house_t *) house;
    atomic_bool over;
} street_t;

static void *
go_in_and_out (void *arg)
{
    street_t *street = arg;
    while (!atomic_load (&street->over)) {
        house_t *house = atomic_load (&street->house);
        if (!tk_hazard_enter (house))
            abort ();
        if (!atomic_load (&house->closed)) {
            atomic_fetch_add (&house->inside, 1);
            if (house->gone)
                abort ();
            atomic_fetch_sub (&house->inside, 1);
        }
        tk_hazard_leave ();
    }
    return NULL;
}

static void
end (house_t *house)
{
    atomic_store (&house->closed, true);
    while (!tk_hazard_await (house, tk_clock_us () + 1000000))
        ;
    assert_int_equal (atomic_load (&house->inside), 0);
    house->gone = 1;
}

static void
nobody_is_inside_what_has_ended (void **unused)
{
    pthread_t threads[VISITORS];
    street_t street = {NULL, false};
    house_t *houses = calloc (ENDS + 1, sizeof *houses);
    (void)unused;
    assert_non_null (houses);
    atomic_store (&street.house, &houses[0]);
    for (int i = 0; i < VISITORS; i++)
        pthread_create (&threads[i], NULL, go_in_and_out, &street);
    for (int i = 0; i < ENDS; i++) {
        atomic_store (&street.house, &houses[i + 1]);
        end (&houses[i]);
    }
    atomic_store (&street.over, true);
    for (int i = 0; i < VISITORS; i++)
        pthread_join (threads[i], NULL);
    free (houses);
}

static void *
stay (void *arg)
{
    int *object = arg;
    if (!tk_hazard_enter (object))
        abort ();
    pthread_exit (NULL); /* as one that is cancelled inside */
}

static void
a_thread_that_has_ended_is_nowhere (void **unused)
{
    static int object;
    pthread_t thread;
    (void)unused;
    for (int i = 0; i < 10; i++) {
        pthread_create (&thread, NULL, stay, &object);
        pthread_join (thread, NULL);
        assert_true (tk_hazard_await (&object, TK_NOWAIT));
    }
}

/* --- fork() */

typedef struct {
    int object;
    int fds[2], back[2];
} guest_t;

static void *
stay_until_told (void *arg)
{
    guest_t *self = arg;
    char byte = 0;
    if (!tk_hazard_enter (&self->object) ||
        write (self->back[1], &byte, 1) != 1 ||
        read (self->fds[0], &byte, 1) != 1)
        abort ();
    tk_hazard_leave ();
    return NULL;
}

static void
in_a_forked_child_only_its_thread_is_inside (void **unused)
{
    static int own;
    int status;
    char byte = 0;
    pthread_t thread;
    guest_t guest;
    (void)unused;
    assert_int_equal (pipe (guest.fds) || pipe (guest.back), 0);
    pthread_create (&thread, NULL, stay_until_told, &guest);
    assert_int_equal (read (guest.back[0], &byte, 1), 1);
    assert_true (tk_hazard_enter (&own));
    pid_t pid = fork ();
    if (pid == 0) {
        tk_hazard_child ();
        bool right = tk_hazard_await (&guest.object, TK_NOWAIT) &&
                     !tk_hazard_await (&own, TK_NOWAIT);
        tk_hazard_leave ();
        _exit (right && tk_hazard_await (&own, TK_NOWAIT) ? 0 : 1);
    }
    tk_hazard_leave ();
    assert_false (tk_hazard_await (&guest.object, TK_NOWAIT));
    assert_int_equal (write (guest.fds[1], &byte, 1), 1);
    assert_true (tk_hazard_await (&guest.object, TK_NEVER));
    pthread_join (thread, NULL);
    assert_int_equal (waitpid (pid, &status, 0), pid);
    assert_int_equal (status, 0);
    for (int i = 0; i < 2; i++) {
        close (guest.fds[i]);
        close (guest.back[i]);
    }
}

/* --- without the kernel's help */

#ifdef KERNEL_MAY_HELP
static int
forbid_membarrier (void)
{
    struct sock_filter rules[] = {
        BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
        BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
        BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
    return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
           prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void
a_kernel_that_stops_helping_is_noticed (void **unused)
{
    int status;
    (void)unused;
    pid_t pid = fork ();
    if (pid == 0) {
        tk_hazard_child ();
        if (forbid_membarrier ())
            _exit (0);
        nobody_is_inside_what_has_ended (NULL);
        _exit (atomic_load (&tk_fence_is_remote));
    }
    assert_int_equal (waitpid (pid, &status, 0), pid);
    assert_int_equal (status, 0);
}
#endif

static void
it_is_told_not_to_ask_the_kernel (void **unused)
{
    const char *text = getenv ("TROIKA_MEMBARRIER");
    (void)unused;
    tk_fence_start ();
    if (UNDER_TSAN || (text && *text == '0'))
        assert_false (atomic_load (&tk_fence_is_remote));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (it_is_told_not_to_ask_the_kernel),
        cmocka_unit_test (nobody_is_inside_at_first),
        cmocka_unit_test (who_is_inside_is_waited_for),
        cmocka_unit_test (a_thread_may_be_inside_many_and_twice),
        cmocka_unit_test (nobody_is_inside_what_has_ended),
        cmocka_unit_test (a_thread_that_has_ended_is_nowhere),
        cmocka_unit_test (in_a_forked_child_only_its_thread_is_inside),
#ifdef KERNEL_MAY_HELP
        cmocka_unit_test (a_kernel_that_stops_helping_is_noticed),
#endif
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
