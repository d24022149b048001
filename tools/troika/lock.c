/* SPDX-License-Identifier: MPL-2.0 */
/*
 * lock.c - troika lock: runs a command while holding a lock.
 *
 * The thread that waits for the command holds the lock. Its statuses are
 * those of timeout(1), as the others are the command's.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <troika.h>
#include "tools/troika/child.h"
#include "tools/troika/command.h"
#include "tools/troika/signals.h"

static int
fail (const char *endpoint)
{
    int status = cli_fail (endpoint);
    return status == CLI_TIMEOUT ? CLI_LOCKED : CLI_NOT_RUN;
}

/* For a store that refuses a holder who was stopped for too long. */
static int
tell_command (troika_lock_t *lock, const char *endpoint, bool abandoned)
{
    char text[24];
    uint64_t token = troika_lock_token (lock);
    if (!token)
        return fail (endpoint);
    snprintf (text, sizeof text, "%" PRIu64, token);
    setenv ("TROIKA_TOKEN", text, 1);
    setenv ("TROIKA_LOCK", endpoint, 1);
    if (abandoned)
        setenv ("TROIKA_ABANDONED", "1", 1);
    else
        unsetenv ("TROIKA_ABANDONED");
    return CLI_OK;
}

/* The command has been run, so its status stays the status; who reads the
 * errors hears that the lock was not ours to the end. */
static void
release (troika_lock_t *lock, const char *endpoint)
{
    int rc;
    do
        rc = troika_lock_release (lock);
    while (rc && errno == EINTR);
    if (rc)
        cli_complain (CLI_FAILED, endpoint,
                      "the lock was lost while the command ran: %s",
                      troika_error ());
}

static int
run (const cli_options_t *options, char **operands)
{
    const char *endpoint = operands[0];
    cli_signals_catch ();
    troika_lock_t *lock = troika_lock_connect (endpoint);
    int rc = lock ? troika_lock_acquire (lock, options->timeout) : -1;
    int status = rc < 0 ? fail (endpoint) : CLI_OK;
    if (rc >= 0) {
        status = tell_command (lock, endpoint, rc == 1);
        if (!status && !cli_signals_caught ())
            status = cli_child_run (operands + 1);
        release (lock, endpoint);
    }
    troika_lock_destroy (&lock);
    return status;
}

const cli_command_t cli_lock = {
    "lock",
    "ENDPOINT#LOCK [--] COMMAND [ARGUMENT…]",
    "run a command while holding a lock",
    "t",
    2,
    -1,
    true,
    run,
    "The exit status is the command's, 128 + N when signal N ended it; 124 "
    "when the lock\nwas not acquired in time, 125 for any other failure, 126 "
    "or 127 when the command\ncannot be run or is not there. The environment "
    "of the command has\nTROIKA_TOKEN      the fencing token, larger than all "
    "before\nTROIKA_LOCK       the endpoint\nTROIKA_ABANDONED  1 when the last "
    "holder died holding it\nWhen troika is killed, the command is terminated "
    "and the lock is free.\n",
    "  troika lock 'tcp://db1:5555#backup' -- pg_dump -f all.sql shop\n"
    "  troika lock 'tcp://db1:5555#cron' --timeout 0 ./nightly.sh\n"
    "  troika lock 'tcp://db1:5555#l' sh -c 'store --if-newer "
    "$TROIKA_TOKEN'\n",
};
