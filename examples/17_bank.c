/* SPDX-License-Identifier: MPL-2.0 */
/*
 * 17_bank.c - a type of our own, a bank, served over tcp.
 *
 *     ./17_bank 'tcp://127.0.0.1:*'
 *
 * prints the endpoint for 17_teller. Handlers run one at a time inside the
 * manager: a transfer is one step for everybody, and needs no lock.
 */
#include <troika.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    unsigned count;
    int balances[]; /* by account, from 0 */
} bank_t;

/* [accounts, what each begins with] */
static void *
create (const troika_msg_t *args)
{
    unsigned count;
    int balance;
    bank_t *bank = NULL;
    if (troika_msg_unpack (args, "[u, i]", &count, &balance) || count > 1000)
        errno = EINVAL;
    else
        bank = malloc (sizeof *bank + count * sizeof *bank->balances);
    for (unsigned i = 0; bank && i < count; i++)
        bank->balances[i] = balance;
    if (bank)
        bank->count = count;
    return bank;
}

/* [from, to, amount] -> what is left */
static int
transfer (void *self, troika_call_t *call)
{
    bank_t *bank = self;
    unsigned from, to, amount;
    if (troika_msg_unpack (troika_call_args (call), "[u, u, u]", &from, &to,
                           &amount))
        return troika_call_fail (call, EINVAL, "%s", troika_error ());
    if (from >= bank->count || to >= bank->count)
        return troika_call_fail (call, ENOENT, "there is no account %u",
                                 from >= bank->count ? from : to);
    if ((int)amount < 0 || (int)amount > bank->balances[from])
        return troika_call_fail (call, ERANGE, "account %u has %d, not %u",
                                 from, bank->balances[from], amount);
    bank->balances[from] -= (int)amount;
    bank->balances[to] += (int)amount;
    return troika_call_reply (call, "i", bank->balances[from]);
}

static const troika_method_t methods[] = {{"transfer", transfer}, {NULL, NULL}};
static const troika_type_t bank_type = {
    .name = "bank", .create = create, .destroy = free, .methods = methods};

static void
check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, troika_error ());
    exit (1);
}

int
main (int argc, char **argv)
{
    const char *endpoint = argc > 1 ? argv[1] : "tcp://127.0.0.1:5555";
    troika_manager_t *manager = troika_manager_new (endpoint);
    check (manager != NULL, "new");
    check (troika_manager_register (manager, &bank_type) == 0, "register");
    troika_event_t *closed = troika_manager_event (manager, "closed");
    check (closed != NULL, "event");
    printf ("%s\n", troika_manager_endpoint (manager));
    fflush (stdout);

    check (troika_event_wait (closed, TROIKA_FOREVER) == 0, "wait");
    troika_event_destroy (&closed);
    troika_manager_destroy (&manager);
    return 0;
}
