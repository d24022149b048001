/* SPDX-License-Identifier: MPL-2.0 */
/*
 * top.c - troika top: the objects of a manager as a table, over and over on
 * a terminal, once elsewhere.
 *
 * Rates come of two looks an interval apart, so even a single table waits
 * for one.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <troika.h>
#include <unistd.h>
#include "tools/troika/command.h"
#include "tools/troika/place.h"
#include "tools/troika/signals.h"
#include "tools/troika/table.h"

#define HOME "\033[H"
#define CLEAR_LINE "\033[K"
#define CLEAR_BELOW "\033[J"

static double
now (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* false: a signal came. */
static bool
pause_for (int ms)
{
    struct timespec rest = {ms / 1000, ms % 1000 * 1000000L};
    while (!cli_signals_caught () && nanosleep (&rest, &rest))
        if (errno != EINTR)
            break;
    return !cli_signals_caught ();
}

static int
look (const cli_place_t *place, cli_look_t *look)
{
    look->objects = troika_manager_objects (place->handle);
    look->at = now ();
    return look->objects ? CLI_OK : cli_fail (place->text);
}

/* On a terminal what fits, over what was there before. */
static void
show (const cli_place_t *place, const cli_look_t *before,
      const cli_look_t *after, bool again)
{
    struct winsize window = {0};
    cli_shape_t shape = {place->name, again ? CLEAR_LINE : "", -1, -1};
    if (again && ioctl (STDOUT_FILENO, TIOCGWINSZ, &window) == 0 &&
        window.ws_row > 3) {
        shape.rows = window.ws_row - 1;
        shape.columns = window.ws_col;
    }
    fputs (again ? HOME : "", stdout);
    cli_table_show (stdout, before, after, &shape);
    fputs (again ? CLEAR_BELOW : "", stdout);
}

static int
watch (const cli_place_t *place, const cli_options_t *options, bool again)
{
    cli_look_t before = {0};
    cli_look_t after = {0};
    int status = look (place, &before);
    int64_t left = !again ? 1 : options->count ? options->count : -1;
    while (!status && left && pause_for (options->interval)) {
        status = look (place, &after);
        if (status)
            break;
        show (place, &before, &after, again);
        if (fflush (stdout))
            break;
        troika_msg_destroy (&before.objects);
        before = after;
        after.objects = NULL;
        left -= left > 0;
    }
    troika_msg_destroy (&before.objects);
    return status;
}

static int
run (const cli_options_t *options, char **operands)
{
    cli_place_t place;
    bool again = !options->once && isatty (STDOUT_FILENO);
    cli_signals_catch ();
    int status = cli_place_open (&place, operands[0]);
    if (!status)
        status = watch (&place, options, again);
    cli_place_close (&place);
    return status;
}

const cli_command_t cli_top = {
    "top",
    "ENDPOINT[#OBJECT]",
    "show objects with depth, rates, holders and who waits",
    "1in",
    1,
    1,
    false,
    run,
    "Refreshes on a terminal until SIGINT (--count tables), elsewhere prints "
    "one table.\nSIZE      items that wait, length, permits left\n"
    "PUT/S     items put per second in the last interval; GET/S likewise\n"
    "FLIGHT    items handed out and not confirmed\n"
    "WAITING   calls that wait: gets, puts, acquires…\n"
    "HOLDER    who holds a lock; how many hold a semaphore\n",
    "  troika top tcp://db1:5555\n"
    "  troika top tcp://db1:5555 --once --interval 500\n",
};
