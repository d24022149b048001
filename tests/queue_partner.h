/* SPDX-License-Identifier: MPL-2.0 */
/*
 * queue_partner.h - somebody else who uses the queue on the stage, and pauses
 * where a test wants to look at what that left.
 *
 * A partner is a thread or a process, as the variant wants, with a handle of
 * its own. It does its first act, pauses until the test lets it go on, does
 * its second one and leaves in order. It uses the events 0 and 1.
 */
#ifndef QUEUE_PARTNER_H
#define QUEUE_PARTNER_H

#include "tests/queue_items.h"

typedef void (*act_t) (stage_t *stage, troika_queue_t *queue);

typedef struct {
    stage_t *stage;
    stage_peer_t *peer;
    act_t first, second; /* NULL: nothing */
} partner_t;

/* Returns when it pauses. */
void partner_start (partner_t *self, stage_t *stage, act_t first, act_t second);

/* In an act: until the test lets it go on. */
void partner_pause (stage_t *stage);

/* Lets it go on; until it pauses again. */
void partner_go_on (partner_t *self);
void partner_step (partner_t *self);

/* Waits until it has left; lets it go on before. */
void partner_join (partner_t *self);
void partner_leave (partner_t *self);

/* STAGE_REMOTE only. */
void partner_stop (partner_t *self);
void partner_continue (partner_t *self);
void partner_kill (partner_t *self);

#endif
