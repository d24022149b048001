/* SPDX-License-Identifier: MPL-2.0 */
/* call.c - troika call: any method of any object, and its answer. */
#include <troika.h>
#include "tools/troika/command.h"
#include "tools/troika/input.h"
#include "tools/troika/output.h"
#include "tools/troika/signals.h"

static int
call (const cli_options_t *options, const char *endpoint, const char *method,
      const troika_msg_t *arguments)
{
    troika_object_t *object = troika_object_connect (endpoint);
    int status;
    if (!object)
        status = cli_fail (endpoint);
    else if (options->cast)
        status = troika_object_cast (object, method, "m", arguments)
                     ? cli_fail (endpoint)
                     : CLI_OK;
    else
        status = cli_answer (options, endpoint,
                             troika_object_call (object, options->timeout,
                                                 method, "m", arguments));
    troika_object_destroy (&object);
    return status;
}

static int
run (const cli_options_t *options, char **operands)
{
    troika_msg_t *arguments =
        cli_documents (options, operands[0], NULL, operands + 2);
    if (!arguments)
        return CLI_BAD_INPUT;
    cli_signals_catch ();
    int status = call (options, operands[0], operands[1], arguments);
    troika_msg_destroy (&arguments);
    return status;
}

const cli_command_t cli_call = {
    "call",
    "ENDPOINT#OBJECT METHOD [JSON…]",
    "call a method of any object and print its answer",
    "tlr0c",
    2,
    -1,
    false,
    run,
    "Each JSON operand is one argument (with --lines, a string). The methods "
    "of the\nbuilt-in types are listed in doc/protocol.md. Operands that "
    "begin with a minus\nstand behind --.\n",
    "  troika call 'tcp://db1:5555#jobs' stat\n"
    "  troika call 'tcp://db1:5555#jobs' shutdown false\n"
    "  troika call 'tcp://db1:5555#total' add -- -5\n",
};
