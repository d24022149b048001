/* SPDX-License-Identifier: MPL-2.0 */
/*
 * flight.c - items that have been handed out and may still come back.
 *
 * By number for acknowledgements, by owner for those that confirm or die.
 * An owner is kept while it has something in flight.
 */
#include "flight.h"

#include <czmq.h>
#include <errno.h>
#include <stdlib.h>
#include "lib/base/ids.h"
#include "lib/base/list.h"
#include "run.h"

typedef struct {
    uint64_t id;
    tk_link_t flights;
} owner_t;

typedef struct {
    uint64_t number; /* of the first item */
    tk_link_t link;  /* in owner->flights, the newest first */
    owner_t *owner;
    tk_item_t item; /* the first, with the size of all */
    uint32_t count;
} flight_t;

struct tk_flights {
    zhashx_t *by_number;
    zhashx_t *by_owner;
    owner_t *latest; /* of the last add: mostly it is asked for again */
    uint64_t last_number;
    size_t count; /* of items */
};

tk_flights_t *
tk_flights_new (void)
{
    tk_flights_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->by_number = tk_ids_new ();
    self->by_owner = tk_ids_new ();
    if (!self->by_number || !self->by_owner)
        tk_flights_destroy (&self);
    return self;
}

size_t
tk_flights_count (const tk_flights_t *self)
{
    return self->count;
}

static owner_t *
find_owner (tk_flights_t *self, uint64_t id)
{
    if (self->latest && self->latest->id == id)
        return self->latest;
    return zhashx_lookup (self->by_owner, &id);
}

static owner_t *
find_or_add_owner (tk_flights_t *self, uint64_t id)
{
    owner_t *owner = find_owner (self, id);
    if (owner)
        return owner;
    owner = calloc (1, sizeof *owner);
    if (!owner)
        return NULL;
    owner->id = id;
    tk_list_init (&owner->flights);
    if (zhashx_insert (self->by_owner, &owner->id, owner) == 0)
        return owner;
    free (owner);
    return NULL;
}

static void
drop_if_idle (tk_flights_t *self, owner_t *owner)
{
    if (!tk_list_empty (&owner->flights))
        return;
    if (self->latest == owner)
        self->latest = NULL;
    zhashx_delete (self->by_owner, &owner->id);
    free (owner);
}

int
tk_flights_add_as (tk_flights_t *self, uint64_t id, uint64_t number,
                   const tk_item_t *item, uint32_t count)
{
    owner_t *owner = find_or_add_owner (self, id);
    flight_t *flight = owner ? calloc (1, sizeof *flight) : NULL;
    if (!flight)
        return -ENOMEM;
    flight->number = number;
    flight->owner = owner;
    flight->item = *item;
    flight->count = count;
    if (zhashx_insert (self->by_number, &flight->number, flight)) {
        free (flight);
        return -ENOMEM;
    }
    tk_list_prepend (&owner->flights, &flight->link);
    self->latest = owner;
    self->count += count;
    return 0;
}

uint64_t
tk_flights_add (tk_flights_t *self, uint64_t id, const tk_item_t *item,
                uint32_t count)
{
    uint64_t number = self->last_number + 1;
    if (tk_flights_add_as (self, id, number, item, count))
        return 0;
    self->last_number += count;
    return number;
}

void
tk_flights_skip (tk_flights_t *self, uint32_t count)
{
    self->last_number += count;
}

static void
take (tk_flights_t *self, flight_t *flight, tk_item_t *item)
{
    owner_t *owner = flight->owner;
    *item = flight->item;
    self->count -= flight->count;
    zhashx_delete (self->by_number, &flight->number);
    tk_list_remove (&flight->link);
    free (flight);
    drop_if_idle (self, owner);
}

bool
tk_flights_take (tk_flights_t *self, uint64_t number, tk_item_t *item)
{
    flight_t *flight = zhashx_lookup (self->by_number, &number);
    if (!flight || flight->count > 1)
        return false;
    take (self, flight, item);
    return true;
}

static flight_t *
newest (tk_flights_t *self, uint64_t id)
{
    owner_t *owner = find_owner (self, id);
    tk_link_t *link = owner ? tk_list_first (&owner->flights) : NULL;
    return link ? TK_MEMBER (link, flight_t, link) : NULL;
}

/* The items behind the first keep ones. */
static uint32_t
take_end (tk_flights_t *self, flight_t *flight, uint32_t keep, tk_item_t *item)
{
    tk_item_t *first = &flight->item;
    uint32_t count = flight->count - keep;
    tk_run_t run = {first->slab, first->offset, first->size, flight->count};
    first->size = tk_run_split (&run, keep).size;
    flight->count = keep;
    self->count -= count;
    *item = *first;
    item->offset = run.offset;
    item->size = run.size;
    item->sequence += keep;
    return count;
}

uint32_t
tk_flights_take_of (tk_flights_t *self, uint64_t id, uint64_t from,
                    tk_item_t *item)
{
    flight_t *flight = newest (self, id);
    if (!flight || flight->number + flight->count <= from)
        return 0;
    if (flight->number < from)
        return take_end (self, flight, (uint32_t)(from - flight->number), item);
    uint32_t count = flight->count;
    take (self, flight, item);
    return count;
}

void
tk_flights_confirm (tk_flights_t *self, uint64_t id)
{
    tk_item_t item;
    uint32_t count;
    while ((count = tk_flights_take_of (self, id, 0, &item)))
        tk_slab_unref_many (item.slab, count);
}

void
tk_flights_destroy (tk_flights_t **self_p)
{
    tk_flights_t *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    owner_t *owner;
    while (self->by_owner && (owner = zhashx_first (self->by_owner)))
        tk_flights_confirm (self, owner->id);
    zhashx_destroy (&self->by_number);
    zhashx_destroy (&self->by_owner);
    free (self);
}
