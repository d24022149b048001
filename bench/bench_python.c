/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bench_python.c - figures of Python's own, by the scripts in bench/peers.
 */
#include "bench/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define PYTHON "/usr/bin/python3"

double
bench_python (const char *script, const char *format, ...)
{
    char command[512];
    double figure = 0;
    va_list values;
    if (access (PYTHON, X_OK))
        return 0;
    int size = snprintf (command, sizeof command, PYTHON " '%s/%s' ",
                         BENCH_PEERS, script);
    va_start (values, format);
    vsnprintf (command + size, sizeof command - (size_t)size, format, values);
    va_end (values);
    FILE *peer = popen (command, "r");
    bench_check (peer && fscanf (peer, "%lf", &figure) == 1, command);
    pclose (peer);
    return figure;
}
