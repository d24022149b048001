/* SPDX-License-Identifier: MPL-2.0 */
/*
 * alarm.h - a time at which an object wants to be run again.
 *
 * A parked call that nobody has made, in the heap of deadlines. Used under
 * the registry's lock. Zeroed it is off.
 */
#ifndef TK_OBJECT_ALARM_H
#define TK_OBJECT_ALARM_H

#include "call.h"

typedef struct {
    troika_call_t call;
    void (*ring) (void *self);
} tk_alarm_t;

/* Runs ring with the state of object, as one of its handlers, once it is at;
 * if the alarm is set already, nothing changes. -ENOMEM. */
int tk_alarm_set (tk_alarm_t *self, tk_object_t *object, tk_time_t at,
                  void (*ring) (void *self));
void tk_alarm_stop (tk_alarm_t *self);

#endif
