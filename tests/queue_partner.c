/* SPDX-License-Identifier: MPL-2.0 */
/* queue_partner.c - somebody else who uses the queue and pauses. */
#include "tests/queue_partner.h"

#include <signal.h>

enum { PAUSED, GO_ON };

void
partner_pause (stage_t *stage)
{
    stage_signal (stage, PAUSED);
    stage_await (stage, GO_ON);
}

static int
run (stage_t *stage, void *arg)
{
    partner_t *self = arg;
    troika_queue_t *queue = stage_connect (stage);
    if (self->first)
        self->first (stage, queue);
    partner_pause (stage);
    if (self->second)
        self->second (stage, queue);
    end_handle (queue);
    return 0;
}

void
partner_start (partner_t *self, stage_t *stage, act_t first, act_t second)
{
    *self = (partner_t){.stage = stage, .first = first, .second = second};
    self->peer = stage_peer (stage, run, self);
    stage_await (stage, PAUSED);
}

void
partner_go_on (partner_t *self)
{
    stage_signal (self->stage, GO_ON);
}

void
partner_step (partner_t *self)
{
    partner_go_on (self);
    stage_await (self->stage, PAUSED);
}

void
partner_join (partner_t *self)
{
    assert_int_equal (stage_join (self->peer), 0);
}

void
partner_leave (partner_t *self)
{
    partner_go_on (self);
    partner_join (self);
}

void
partner_stop (partner_t *self)
{
    stage_stop (stage_peer_pid (self->peer));
}

void
partner_continue (partner_t *self)
{
    kill (stage_peer_pid (self->peer), SIGCONT);
}

void
partner_kill (partner_t *self)
{
    stage_kill (self->peer);
}
