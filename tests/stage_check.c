/* SPDX-License-Identifier: MPL-2.0 */
/*
 * stage_check.c - checks that name errors and quote the library's words,
 * events between the threads and processes of a test, and where it is.
 *
 * An event is a pipe made before anybody is forked, so it reaches all.
 * Waiting for one is bounded by the limit of the whole test.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include "tests/stage_parts.h"

const char *
stage_error_name (int error)
{
    const char *name = error ? strerrorname_np (error) : "no error";
    return name ? name : "an unknown error";
}

void
stage_fail (const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    fprintf (stderr, "%s:%d: ", file, line);
    vfprintf (stderr, format, args);
    fputc ('\n', stderr);
    va_end (args);
    abort ();
}

void
stage_check_after (const char *words, int ms)
{
    int told = 0;
    const char *at = strstr (troika_error (), words);
    if (!at || sscanf (at + strlen (words), "%d ms", &told) != 1 || told < 1 ||
        told > ms)
        STAGE_FAIL ("\"%s\" does not say \"%s%d ms\"", troika_error (), words,
                    ms);
}

bool
stage_failed_number (long value)
{
    return value == -1;
}

bool
stage_failed_pointer (const void *value)
{
    return value == NULL;
}

void
stage_check_ok (bool failed, int got, int unused, const char *call,
                const char *file, int line)
{
    (void)unused;
    if (failed)
        stage_fail (file, line, "%s: failed with %s: %s", call,
                    stage_error_name (got), troika_error ());
}

void
stage_check_errno (bool failed, int got, int wanted, const char *call,
                   const char *file, int line)
{
    if (!failed)
        stage_fail (file, line, "%s: succeeded, wanted %s", call,
                    stage_error_name (wanted));
    if (got != wanted)
        stage_fail (file, line, "%s: got %s, wanted %s: %s", call,
                    stage_error_name (got), stage_error_name (wanted),
                    troika_error ());
}

void
stage_wait_step (unsigned *step, const char *text, const char *file, int line)
{
    static const struct timespec pause = {0, 2000000};
    if (++*step > 5000 * stage_scale ())
        stage_fail (file, line, "never came true: %s", text);
    nanosleep (&pause, NULL);
}

bool
stage_is_asleep (pid_t thread)
{
    char path[64], state = 0;
    snprintf (path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
    FILE *file = fopen (path, "r");
    if (!file)
        return false;
    if (fscanf (file, "%*d (%*[^)]) %c", &state) != 1)
        state = 0;
    fclose (file);
    return state == 'S';
}

static bool
others_sleep (void)
{
    bool all = true;
    struct dirent *task;
    DIR *tasks = opendir ("/proc/self/task");
    while (all && tasks && (task = readdir (tasks))) {
        pid_t thread = atoi (task->d_name);
        all = thread == 0 || thread == gettid () || stage_is_asleep (thread);
    }
    if (tasks)
        closedir (tasks);
    return all;
}

/* Asked several times, so that the last look is as short as it can be. */
pid_t
stage_fork (void)
{
    fflush (NULL);
    for (int quiet = 0, tries = 0; UNDER_ASAN && quiet < 3 && tries < 500;
         tries++) {
        quiet = others_sleep () ? quiet + 1 : 0;
        usleep (quiet ? 0 : 2000);
    }
    return fork ();
}

static const int *
event_pipe (stage_t *self, unsigned event)
{
    if (event >= STAGE_EVENTS)
        STAGE_FAIL ("there is no event %u", event);
    return self->events[event];
}

void
stage_tell (stage_t *self, unsigned event, int64_t value)
{
    int fd = event_pipe (self, event)[1];
    if (write (fd, &value, sizeof value) != sizeof value)
        STAGE_FAIL ("event %u: %s", event, strerror (errno));
}

int64_t
stage_hear (stage_t *self, unsigned event)
{
    int64_t value;
    ssize_t size;
    int fd = event_pipe (self, event)[0];
    do
        size = read (fd, &value, sizeof value);
    while (size < 0 && errno == EINTR);
    if (size != sizeof value)
        STAGE_FAIL ("event %u: %s", event, strerror (errno));
    return value;
}

bool
stage_heard (stage_t *self, unsigned event)
{
    struct pollfd fd = {event_pipe (self, event)[0], POLLIN, 0};
    return poll (&fd, 1, 0) > 0;
}

void
stage_signal (stage_t *self, unsigned event)
{
    stage_tell (self, event, 0);
}

void
stage_await (stage_t *self, unsigned event)
{
    stage_hear (self, event);
}

unsigned
stage_variant (const stage_t *self)
{
    return self->variant;
}

const char *
stage_directory (const stage_t *self)
{
    return self->directory;
}

static bool
raise_loopback (void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket (AF_INET, SOCK_DGRAM, 0);
    bool raised = fd >= 0 && !ioctl (fd, SIOCGIFFLAGS, &request);
    request.ifr_flags |= IFF_UP;
    raised = raised && !ioctl (fd, SIOCSIFFLAGS, &request);
    if (fd >= 0)
        close (fd);
    return raised;
}

bool
stage_own_network (stage_t *self)
{
    if (!(self->variant & (STAGE_HOST | STAGE_ONCE)))
        return true;
    return !unshare (CLONE_NEWNET) && raise_loopback ();
}

const char *
stage_address (stage_t *self)
{
    unsigned number = self->addresses++;
    if (self->variant == STAGE_HOST)
        snprintf (self->address, sizeof self->address, "tcp://127.0.0.1:*");
    else if (self->variant == STAGE_PROCESS)
        snprintf (self->address, sizeof self->address, "ipc://%s/%u",
                  self->directory, number);
    else
        snprintf (self->address, sizeof self->address, "inproc://stage-%u",
                  number);
    return self->address;
}
