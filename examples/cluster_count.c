/* SPDX-License-Identifier: MPL-2.0 */
/*
 * cluster_count.c - prints how many jobs are done. See cluster.sh.
 *
 *     CLUSTER_KEY=secret ./cluster_count tcp://10.0.0.1:5555
 */
#include "cluster.h"

int
main (int argc, char **argv)
{
    use_key ();
    char endpoint[256];
    snprintf (endpoint, sizeof endpoint, "%s#done",
              argc > 1 ? argv[1] : "tcp://127.0.0.1:5555");
    troika_dict_t *done = troika_dict_connect (endpoint);
    check (done != NULL, endpoint);
    ssize_t count = troika_dict_len (done);
    check (count >= 0, "len");
    printf ("%zd\n", count);
    troika_dict_destroy (&done);
    return 0;
}
