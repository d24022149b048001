/* SPDX-License-Identifier: MPL-2.0 */
/*
 * serve.c - troika serve: a manager with its objects, until it is told to
 * end.
 *
 * The signals that end it are blocked from the start and waited for: none is
 * lost, and whatever is under way goes to its end.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <troika.h>
#include "tools/troika/command.h"
#include "tools/troika/params.h"

#define END_MS 5000 /* for clients to hear of the end */

/* What a shell has us ignore (SIGINT in the background) does not count. */
static void
add_signal (sigset_t *ending, int number)
{
    struct sigaction action;
    sigaction (number, NULL, &action);
    if (action.sa_handler != SIG_IGN)
        sigaddset (ending, number);
}

static void
block (sigset_t *ending)
{
    sigemptyset (ending);
    sigaddset (ending, SIGTERM);
    add_signal (ending, SIGINT);
    add_signal (ending, SIGHUP);
    sigprocmask (SIG_BLOCK, ending, NULL);
}

/* NAME[:PARAMETERS] as an object of the manager. */
static int
make_object (troika_manager_t *manager, const cli_object_t *object)
{
    char name[256];
    troika_msg_t *params = cli_params (object, name, sizeof name);
    if (!params)
        return CLI_USAGE;
    troika_object_t *made =
        troika_manager_object (manager, object->type, name, "m", params);
    troika_msg_destroy (&params);
    int status = CLI_OK;
    if (!made)
        status = cli_complain (errno == EEXIST ? CLI_USAGE : cli_status (errno),
                               object->text, "%s", troika_error ());
    troika_object_destroy (&made);
    return status;
}

static int
prepare (troika_manager_t *manager, const cli_options_t *options,
         char **more_endpoints)
{
    int status = CLI_OK;
    for (size_t i = 0; i < options->object_count && !status; i++)
        status = make_object (manager, &options->objects[i]);
    for (; *more_endpoints && !status; more_endpoints++)
        if (troika_manager_bind (manager, *more_endpoints))
            status = cli_fail (*more_endpoints);
    return status;
}

static int
show_endpoint (troika_manager_t *manager)
{
    printf ("%s\n", troika_manager_endpoint (manager));
    if (fflush (stdout) == 0)
        return CLI_OK;
    return cli_complain (CLI_FAILED, "standard output", "%s", strerror (errno));
}

static int
run (const cli_options_t *options, char **operands)
{
    sigset_t ending;
    int number;
    block (&ending);
    troika_manager_t *manager = troika_manager_new (operands[0]);
    if (!manager)
        return cli_fail (operands[0]);
    int status = prepare (manager, options, operands + 1);
    if (!status)
        status = show_endpoint (manager);
    if (!status) {
        sigwait (&ending, &number);
        troika_manager_shutdown (manager, END_MS);
    }
    troika_manager_destroy (&manager);
    return status;
}

const cli_command_t cli_serve = {
    "serve",
    "ENDPOINT…",
    "serve queues and other objects until SIGTERM or SIGINT",
    "QDLNVAKRSCEB",
    1,
    -1,
    false,
    run,
    "Prints the first endpoint, with its real port, when all is ready. Others "
    "may make\nmore objects later. On SIGTERM or SIGINT calls that wait end, "
    "clients are told,\nand the status is 0.\n",
    "  troika serve 'tcp://127.0.0.1:5555' --queue jobs:1000 --dict config\n"
    "  troika serve ipc:///run/troika/main 'tcp://*:5555' --authkey-file "
    "/etc/troika/key \\\n"
    "      --queue jobs:1000,ack,deliveries=5 --lock cron --semaphore "
    "gpu:2,bounded\n",
};
