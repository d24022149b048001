/* SPDX-License-Identifier: MPL-2.0 */
/*
 * stage_parts.h - what the files of the stage share; tests see stage.h only.
 */
#ifndef STAGE_PARTS_H
#define STAGE_PARTS_H

#include "tests/leaks.h"
#include "tests/sanitized.h"
#include "tests/scale.h"
#include "tests/stage.h"

struct stage {
    unsigned variant;
    unsigned threads; /* at the beginning: a sanitizer may have one, too */
    const char *directory;
    unsigned addresses; /* how many stage_address has given */
    char address[256];
    int events[STAGE_EVENTS][2]; /* a pipe each, of int64_t */

    const stage_service_t *service; /* NULL: nothing is served */
    void *server;                   /* in this process */
    pid_t server_pid;               /* in another */
    int server_order;               /* close it, and that process stops */
    char endpoint[512];
};

/* Opens the event pipes; stops what is served and closes them. */
void stage_begin (stage_t *self, unsigned variant, const char *directory);
void stage_end (stage_t *self);

/* Fails the test from any thread or process of it. */
void stage_fail (const char *file, int line, const char *format, ...)
    __attribute__ ((noreturn, format (printf, 3, 4)));
#define STAGE_FAIL(...) stage_fail (__FILE__, __LINE__, __VA_ARGS__)

/* How many threads this process has. */
unsigned stage_threads (void);

/* Whether a thread of this process sleeps: in a call that waits. */
bool stage_is_asleep (pid_t thread);

/* fork(), when no other thread runs: one that does might hold a lock of
 * AddressSanitizer's allocator, which the child would never get. */
pid_t stage_fork (void);

/* Makes the linker take stage_messages.c. */
void stage_order_messages (void);

/* 0 or more: the exit status. Below: minus the signal. */
int stage_wait_child (pid_t pid);

#endif
