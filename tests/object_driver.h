/* SPDX-License-Identifier: MPL-2.0 */
/*
 * object_driver.h - drives one shared object without sockets, threads or
 * real time: calls by owners of any number, a clock that the test turns,
 * callers that give up or die.
 *
 * A call is asked, and then looked at: it is still waiting, or has been
 * answered with a document or an error. Everything is freed with the driver.
 */
#ifndef OBJECT_DRIVER_H
#define OBJECT_DRIVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lib/object/call.h"
#include "lib/object/registry.h"

typedef struct driver driver_t;

typedef struct {
    troika_call_t call;
    driver_t *driver;
    bool answered;
    int error;            /* 0, or a positive errno */
    char words[256];      /* of the error */
    troika_msg_t *result; /* when error is 0 */
    tk_link_t link;
} ask_t;

/* An object called name with parameters as format describes them; NULL with
 * errno when its create refuses. */
driver_t *driver_new (const troika_type_t *type, const char *name,
                      const char *format, ...);
void driver_destroy (driver_t **self_p);

/* Owner calls method; timeout as in the public interface. */
ask_t *driver_ask (driver_t *self, uint64_t owner, int timeout,
                   const char *method, const char *format, ...);

/* The same, and it must succeed at once. */
ask_t *driver_do (driver_t *self, uint64_t owner, const char *method,
                  const char *format, ...);

/* ms pass; calls whose deadline they reach are cancelled. */
void driver_pass (driver_t *self, int ms);

/* The caller gives up (EINTR); the call may be waiting still. */
void driver_interrupt (ask_t *ask);

/* The owner dies, or ends in good order: its calls are lost, then it is
 * forgotten. */
void driver_kill (driver_t *self, uint64_t owner);
void driver_leave (driver_t *self, uint64_t owner);

/* The object is removed, as from a manager that lives on. */
void driver_remove (driver_t *self);

/* Checks: with what an answered call failed, and its words; that it still
 * waits; its result (format as of troika_msg_unpack). */
#define assert_failed(ask, number)                                             \
    driver_check_failed (ask, number, NULL, __FILE__, __LINE__)
#define assert_failed_with(ask, number, words)                                 \
    driver_check_failed (ask, number, words, __FILE__, __LINE__)
#define assert_waiting(ask) driver_check_waiting (ask, __FILE__, __LINE__)
#define assert_answered(ask)                                                   \
    driver_check_failed (ask, 0, NULL, __FILE__, __LINE__)
void driver_check_failed (const ask_t *ask, int error, const char *words,
                          const char *file, int line);
void driver_check_waiting (const ask_t *ask, const char *file, int line);
int64_t driver_int (const ask_t *ask); /* its result: an integer or bool */

#endif
