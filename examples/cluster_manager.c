/* SPDX-License-Identifier: MPL-2.0 */
/*
 * cluster_manager.c - serves the queue "jobs" and the dict "done", until
 * every job is done; then counts. See cluster.sh.
 *
 *     CLUSTER_KEY=secret ./cluster_manager tcp://10.0.0.1:5555
 */
#include "cluster.h"

int
main (int argc, char **argv)
{
    use_key ();
    const char *endpoint = argc > 1 ? argv[1] : "tcp://127.0.0.1:5555";
    troika_queue_options_t options = {.maxsize = WAITING_MAX,
                                      .manual_ack = true};
    troika_manager_t *manager = troika_manager_new (endpoint);
    check (manager != NULL, endpoint);
    troika_queue_t *jobs = troika_manager_queue (manager, "jobs", &options);
    troika_dict_t *done = troika_manager_dict (manager, "done");
    troika_event_t *all_put = troika_manager_event (manager, "all put");
    check (jobs && done && all_put, "queue, dict, event");
    puts (troika_manager_endpoint (manager));
    fflush (stdout);

    check (troika_event_wait (all_put, TROIKA_FOREVER) == 0, "wait");
    check (troika_queue_join (jobs, TROIKA_FOREVER) == 0, "join");
    check (troika_queue_shutdown (jobs, false) == 0, "shutdown");
    printf ("%d of %d jobs done\n", (int)troika_dict_len (done), ITEMS);

    troika_event_destroy (&all_put);
    troika_dict_destroy (&done);
    troika_queue_destroy (&jobs);
    troika_manager_shutdown (manager, 5000);
    troika_manager_destroy (&manager);
    return 0;
}
