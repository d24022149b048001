/* SPDX-License-Identifier: MPL-2.0 */
/*
 * test_queue_eintr.c - a signal whose handler runs ends a wait with EINTR,
 * with SA_RESTART and without; nothing is lost, the caller just calls again.
 *
 * The waiting thread is signalled until its wait has ended: a single signal
 * might come just before it sleeps.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>
#include "tests/queue_items.h"

static const troika_queue_options_t one = {.maxsize = 1};
static atomic_int handled;

static void
on_signal (int number)
{
    (void)number;
    handled++;
}

static void
handle_signals (int flags)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
    sigemptyset (&action.sa_mask);
    sigaction (SIGUSR1, &action, NULL);
}

typedef struct {
    troika_queue_t *queue;
    int (*wait) (troika_queue_t *queue);
    atomic_bool done;
} waiter_t;

static void *
wait_and_be_interrupted (void *arg)
{
    waiter_t *self = arg;
    CHECK_ERRNO (self->wait (self->queue), EINTR);
    self->done = true;
    return NULL;
}

static bool
send_one (pthread_t thread, waiter_t *waiter)
{
    if (!waiter->done)
        pthread_kill (thread, SIGUSR1);
    return waiter->done;
}

static void
interrupt (troika_queue_t *queue, int (*wait) (troika_queue_t *queue))
{
    static const int flags[] = {0, SA_RESTART};
    for (int i = 0; i < 2; i++) {
        pthread_t thread;
        waiter_t waiter = {.queue = queue, .wait = wait};
        handle_signals (flags[i]);
        handled = 0;
        pthread_create (&thread, NULL, wait_and_be_interrupted, &waiter);
        WAIT_UNTIL (send_one (thread, &waiter));
        pthread_join (thread, NULL);
        assert_true (handled > 0);
    }
}

static int
wait_get (troika_queue_t *queue)
{
    return troika_queue_get (queue, TROIKA_FOREVER) ? 0 : -1;
}

static void
a_get_is_interrupted_and_takes_nothing (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    interrupt (queue, wait_get);
    WAIT_UNTIL (figure (queue, "waiting_gets") == 0);
    PUT (queue, 1);
    assert_int_equal (figure (queue, "size"), 1);
    CHECK_NEXT (queue, 1);
    troika_queue_destroy (&queue);
}

static int
wait_put (troika_queue_t *queue)
{
    return troika_queue_put (queue, TROIKA_FOREVER, "i", 2);
}

static void
a_put_is_interrupted_and_puts_nothing (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, &one);
    PUT (queue, 1);
    interrupt (queue, wait_put);
    assert_int_equal (figure (queue, "waiting_puts"), 0);
    CHECK_NEXT (queue, 1);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

static int
wait_join (troika_queue_t *queue)
{
    return troika_queue_join (queue, TROIKA_FOREVER);
}

static void
a_join_is_interrupted (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    PUT (queue, 1);
    CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    interrupt (queue, wait_join);
    CHECK_NEXT (queue, 1);
    CHECK_OK (troika_queue_task_done (queue));
    CHECK_OK (troika_queue_join (queue, TROIKA_FOREVER));
    troika_queue_destroy (&queue);
}

/* It tells what went in before the signal, which is not an error. */
static void *
put_five (void *arg)
{
    troika_msg_t *items[5];
    waiter_t *self = arg;
    make_numbers (items, 5, 0);
    assert_int_equal (
        CHECK_OK (troika_queue_put_many (self->queue, -1, items, 5)), 2);
    self->done = true;
    drop_numbers (items, 5);
    return NULL;
}

static void
a_put_many_tells_what_went_in_before_the_signal (stage_t *stage)
{
    static const troika_queue_options_t two = {.maxsize = 2};
    pthread_t thread;
    troika_queue_t *queue = stage_queue (stage, &two);
    waiter_t waiter = {.queue = queue};
    handle_signals (0);
    pthread_create (&thread, NULL, put_five, &waiter);
    WAIT_UNTIL (figure (queue, "waiting_puts") == 1);
    WAIT_UNTIL (send_one (thread, &waiter));
    pthread_join (thread, NULL);
    CHECK_NEXT (queue, 0);
    CHECK_NEXT (queue, 1);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

#define ITEMS 3000

static int
put_all (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    for (int i = 0; i < ITEMS; i++) {
        PUT (queue, i);
        if (i % 50 == 0)
            CHECK_OK (troika_queue_flush (queue, TROIKA_FOREVER));
    }
    end_handle (queue);
    return 0;
}

/* Takes them all, in order, whatever interrupts it. */
static void *
get_all (void *arg)
{
    waiter_t *self = arg;
    for (int i = 0; i < ITEMS;) {
        troika_msg_t *item = troika_queue_get (self->queue, TROIKA_FOREVER);
        if (item)
            assert_int_equal (number_of (item), i++);
        else
            assert_int_equal (errno, EINTR);
    }
    self->done = true;
    return NULL;
}

static void
signals_among_gets_lose_nothing (stage_t *stage)
{
    pthread_t thread;
    troika_queue_t *queue = stage_queue (stage, NULL);
    waiter_t waiter = {.queue = queue};
    handle_signals (SA_RESTART);
    stage_peer_t *peer = stage_peer (stage, put_all, NULL);
    pthread_create (&thread, NULL, get_all, &waiter);
    while (!send_one (thread, &waiter))
        usleep (300);
    pthread_join (thread, NULL);
    assert_int_equal (stage_join (peer), 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

/* Puts into a bounded queue whatever interrupts it, each once. */
static void *
put_each_once (void *arg)
{
    waiter_t *self = arg;
    for (int i = 0; i < ITEMS;) {
        if (!troika_queue_put (self->queue, TROIKA_FOREVER, "i", i))
            i++;
        else
            assert_int_equal (errno, EINTR);
    }
    self->done = true;
    return NULL;
}

static int
expect_all (stage_t *stage, void *arg)
{
    (void)arg;
    troika_queue_t *queue = stage_connect (stage);
    get_numbers (queue, ITEMS, 0);
    end_handle (queue);
    return 0;
}

static void
signals_among_bounded_puts_double_nothing (stage_t *stage)
{
    static const troika_queue_options_t four = {.maxsize = 4};
    pthread_t thread;
    troika_queue_t *queue = stage_queue (stage, &four);
    waiter_t waiter = {.queue = queue};
    handle_signals (0);
    stage_peer_t *peer = stage_peer (stage, expect_all, NULL);
    pthread_create (&thread, NULL, put_each_once, &waiter);
    while (!send_one (thread, &waiter))
        usleep (300);
    pthread_join (thread, NULL);
    assert_int_equal (stage_join (peer), 0);
    CHECK_DRAINED (queue);
    troika_queue_destroy (&queue);
}

/* The library's own threads leave signals to the program's. */
static void
a_signal_to_the_process_reaches_the_programs_threads (stage_t *stage)
{
    troika_queue_t *queue = stage_queue (stage, NULL);
    handle_signals (0);
    handled = 0;
    PUT (queue, 1);
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGUSR1);
    pthread_sigmask (SIG_BLOCK, &set, NULL);
    kill (getpid (), SIGUSR1);
    CHECK_NEXT (queue, 1);
    assert_int_equal (handled, 0); /* nobody else has taken it */
    pthread_sigmask (SIG_UNBLOCK, &set, NULL);
    assert_int_equal (handled, 1);
    troika_queue_destroy (&queue);
}

static const stage_case_t cases[] = {
    STAGE_TEST (a_get_is_interrupted_and_takes_nothing),
    STAGE_TEST (a_put_is_interrupted_and_puts_nothing),
    STAGE_TEST (a_join_is_interrupted),
    STAGE_TEST (a_put_many_tells_what_went_in_before_the_signal),
    STAGE_TEST_WITHIN (60, STAGE_ALL, signals_among_gets_lose_nothing),
    STAGE_TEST_WITHIN (60, STAGE_ALL,
                       signals_among_bounded_puts_double_nothing),
    STAGE_TEST (a_signal_to_the_process_reaches_the_programs_threads),
};

int
main (int argc, char **argv)
{
    return STAGE_RUN (cases, argc, argv);
}
