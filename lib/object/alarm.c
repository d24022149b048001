/* SPDX-License-Identifier: MPL-2.0 */
/*
 * alarm.c - runs an object when a time has come.
 *
 * It is a call to itself, so that one heap has all times of a registry, and
 * one place enters objects.
 */
#include "alarm.h"

#include "registry.h"

static void
cancel (troika_call_t *call, void *context)
{
    tk_alarm_t *self = TK_MEMBER (call, tk_alarm_t, call);
    *call->settled = true; /* nobody is to be answered */
    call->settled = NULL;
    call->state = TK_CALL_FINISHED;
    self->ring (context);
}

int
tk_alarm_set (tk_alarm_t *self, tk_object_t *object, tk_time_t at,
              void (*ring) (void *self_))
{
    if (self->call.state == TK_CALL_PARKED)
        return 0;
    tk_call_init (&self->call, object->registry, NULL, NULL);
    self->call.object = object;
    self->call.deadline = at;
    self->call.cancel = cancel;
    self->call.context = object->self;
    self->ring = ring;
    int rc = tk_registry_watch (object->registry, &self->call);
    if (!rc)
        self->call.state = TK_CALL_PARKED;
    return rc;
}

void
tk_alarm_stop (tk_alarm_t *self)
{
    if (self->call.state != TK_CALL_PARKED)
        return;
    tk_registry_unwatch (self->call.registry, &self->call);
    self->call.state = TK_CALL_FINISHED;
}
