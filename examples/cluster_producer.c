/* SPDX-License-Identifier: MPL-2.0 */
/*
 * cluster_producer.c - puts the jobs 0 to ITEMS - 1. See cluster.sh.
 *
 *     CLUSTER_KEY=secret ./cluster_producer tcp://10.0.0.1:5555
 *
 * At most WAITING_MAX wait in the queue, so it is at work as long as the
 * workers are. Where the wire was out for too long, a put may fail with
 * ECONNRESET: whether it arrived is not known then, so it is said again; a
 * job twice does no harm here.
 */
#include "cluster.h"
#include <errno.h>

static void
put (troika_queue_t *jobs, int job)
{
    int failed;
    do
        failed = troika_queue_put (jobs, TROIKA_FOREVER, "i", job);
    while (failed && errno == ECONNRESET);
    check (!failed, "put");
}

int
main (int argc, char **argv)
{
    use_key ();
    const char *endpoint = argc > 1 ? argv[1] : "tcp://127.0.0.1:5555";
    troika_manager_t *manager = troika_manager_connect (endpoint);
    check (manager != NULL, endpoint);
    troika_queue_options_t options = {.maxsize = WAITING_MAX,
                                      .manual_ack = true};
    troika_queue_t *jobs = troika_manager_queue (manager, "jobs", &options);
    troika_event_t *all_put = troika_manager_event (manager, "all put");
    check (jobs && all_put, "queue, event");

    for (int job = 0; job < ITEMS; job++)
        put (jobs, job);
    check (troika_queue_flush (jobs, TROIKA_FOREVER) == 0, "flush");
    check (troika_event_set (all_put) == 0, "set");

    troika_event_destroy (&all_put);
    troika_queue_destroy (&jobs);
    troika_manager_destroy (&manager);
    return 0;
}
