/* SPDX-License-Identifier: MPL-2.0 */
/*
 * cluster_worker.c - takes jobs and notes in the dict "done" who did them,
 * until the queue has ended. See cluster.sh.
 *
 *     CLUSTER_KEY=secret ./cluster_worker tcp://10.0.0.1:5555 web1
 *
 * A job is acknowledged after it is noted: who dies before leaves it to
 * others. Whoever was cut off for so long that its job went to another one
 * (ECONNRESET, ESTALE) goes on with the next.
 */
#include "cluster.h"
#include <errno.h>
#include <time.h>

/* returns: false when there will be no more. */
static bool
do_one (troika_queue_t *jobs, troika_dict_t *done, const char *name)
{
    int job;
    char key[16];
    troika_msg_t *msg = troika_queue_get (jobs, TROIKA_FOREVER);
    if (!msg)
        return errno == ECONNRESET;
    check (troika_msg_unpack (msg, "i", &job) == 0, "job");
    nanosleep (&(struct timespec){.tv_nsec = 2 * 1000 * 1000}, NULL);
    snprintf (key, sizeof key, "%d", job);
    if (troika_dict_set (done, key, "s", name) == 0)
        check (troika_queue_ack (jobs, msg) == 0 || errno == ESTALE ||
                   errno == ECONNRESET || errno == EPIPE,
               "ack");
    troika_msg_destroy (&msg);
    return true;
}

int
main (int argc, char **argv)
{
    use_key ();
    const char *endpoint = argc > 1 ? argv[1] : "tcp://127.0.0.1:5555";
    const char *name = argc > 2 ? argv[2] : "worker";
    troika_manager_t *manager = troika_manager_connect (endpoint);
    check (manager != NULL, endpoint);
    troika_queue_options_t options = {.maxsize = WAITING_MAX,
                                      .manual_ack = true};
    troika_queue_t *jobs = troika_manager_queue (manager, "jobs", &options);
    troika_dict_t *done = troika_manager_dict (manager, "done");
    check (jobs && done, "queue, dict");

    while (do_one (jobs, done, name))
        ;
    check (errno == EPIPE, "get");

    troika_dict_destroy (&done);
    troika_queue_destroy (&jobs);
    troika_manager_destroy (&manager);
    return 0;
}
