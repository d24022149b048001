/* SPDX-License-Identifier: MPL-2.0 */
/* bank.c - a type of one's own: accounts 0 to 3, no debts. */
#include "tests/managed.h"

#include <stdlib.h>

typedef struct {
    int64_t accounts[4];
    troika_call_t *waiting; /* for account 0 to have so much: */
    int64_t wanted;
    int64_t cancelled;
    int64_t reason;
    int64_t forgotten;
    uint64_t customer; /* who deposited last */
} bank_t;

/* [money in each] */
static void *
create_bank (const troika_msg_t *args)
{
    int64_t money = 0;
    if (troika_msg_unpack (args, "[]") &&
        troika_msg_unpack (args, "[I]", &money))
        return NULL; /* errno is EBADMSG */
    if (money < 0) {
        errno = ERANGE;
        return NULL;
    }
    bank_t *self = calloc (1, sizeof *self);
    for (int i = 0; self && i < 4; i++)
        self->accounts[i] = money;
    return self;
}

static void
pay_out (bank_t *self)
{
    troika_call_t *call = self->waiting;
    if (!call || self->accounts[0] < self->wanted)
        return;
    self->waiting = NULL;
    self->accounts[0] -= self->wanted;
    troika_call_reply (call, "I", self->wanted);
}

static int
transfer (void *object, troika_call_t *call)
{
    bank_t *self = object;
    int from, to;
    int64_t sum;
    if (troika_msg_unpack (troika_call_args (call), "[iiI]", &from, &to, &sum))
        return troika_call_fail (call, EINVAL,
                                 "transfer takes [from, to, "
                                 "sum]");
    if (from < 0 || from > 3 || to < 0 || to > 3)
        return troika_call_fail (call, ENOENT, "no account %d or %d", from, to);
    if (self->accounts[from] < sum)
        return troika_call_fail (call, ERANGE, "account %d has only %lld", from,
                                 (long long)self->accounts[from]);
    self->accounts[from] -= sum;
    self->accounts[to] += sum;
    troika_call_reply (call, "{s:I,s:I}", "from", self->accounts[from], "to",
                       self->accounts[to]);
    pay_out (self);
    return 0;
}

/* A single argument may be unpacked without brackets. */
static int
balance (void *object, troika_call_t *call)
{
    bank_t *self = object;
    unsigned account;
    if (troika_msg_unpack (troika_call_args (call), "u", &account) ||
        account > 3)
        return -1;
    return troika_call_reply (call, "I", self->accounts[account]);
}

static int
deposit (void *object, troika_call_t *call)
{
    bank_t *self = object;
    int64_t sum;
    if (troika_msg_unpack (troika_call_args (call), "[I]", &sum))
        return -1;
    self->customer = troika_call_owner (call);
    self->accounts[0] += sum;
    pay_out (self);
    return 0; /* answers nil */
}

static void
cancel_withdraw (troika_call_t *call, void *context)
{
    bank_t *self = context;
    self->waiting = NULL;
    self->cancelled++;
    self->reason = troika_call_reason (call);
}

static int
withdraw (void *object, troika_call_t *call)
{
    bank_t *self = object;
    if (self->waiting)
        return troika_call_fail (call, EPERM, "another customer waits");
    if (troika_msg_unpack (troika_call_args (call), "[I]", &self->wanted))
        return -1;
    self->waiting = call;
    if (troika_call_defer (call, cancel_withdraw, self))
        return -1;
    if (self->waiting)
        pay_out (self);
    return 0;
}

static int
figures (void *object, troika_call_t *call)
{
    bank_t *self = object;
    return troika_call_reply (call, "{s:I,s:I,s:I,s:I}", "waiters",
                              (int64_t)(self->waiting != NULL), "cancelled",
                              self->cancelled, "reason", self->reason,
                              "forgotten", self->forgotten);
}

static int
who (void *object, troika_call_t *call)
{
    (void)object;
    return troika_call_reply (call, "U", troika_call_owner (call));
}

/* As if it were the manager's own loss. */
static int
lose (void *object, troika_call_t *call)
{
    (void)object;
    return troika_call_fail (call, ECONNRESET, "the vault is lost");
}

/* Everything that came is sent back, the brackets included. */
static int
echo (void *object, troika_call_t *call)
{
    (void)object;
    return troika_call_reply (call, "m", troika_call_args (call));
}

static void
forget_customer (void *object, uint64_t owner)
{
    bank_t *self = object;
    if (self->customer == owner)
        self->forgotten++;
}

static const troika_method_t bank_methods[] = {
    {"transfer", transfer}, {"balance", balance}, {"deposit", deposit},
    {"withdraw", withdraw}, {"stat", figures},    {"who", who},
    {"echo", echo},         {"lose", lose},       {NULL, NULL},
};

const troika_type_t bank_type = {"bank", create_bank, free, forget_customer,
                                 bank_methods};
