/* SPDX-License-Identifier: MPL-2.0 */
/*
 * status.h - how the tool says that it failed: one line on standard error,
 * one exit status.
 */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

/* The exit statuses; troika(1) promises them. */
enum {
    CLI_OK = 0,
    CLI_FAILED = 1,      /* anything else */
    CLI_USAGE = 2,       /* option, operand, endpoint, arguments of a method */
    CLI_TIMEOUT = 3,     /* time is up, or would have to wait */
    CLI_NOT_FOUND = 4,   /* no such object (of that type), key or method */
    CLI_UNREACHED = 5,   /* no manager answers, or it was lost */
    CLI_REFUSED = 6,     /* no or wrong key, not permitted, other protocol */
    CLI_ENDED = 7,       /* the queue is shut down and empty, or has ended */
    CLI_BAD_INPUT = 8,   /* a document is not well-formed, or too large */
    CLI_LOCKED = 124,    /* lock: not acquired in time */
    CLI_NOT_RUN = 125,   /* lock: anything else before the command ran */
    CLI_NO_EXEC = 126,   /* lock: the command cannot be run */
    CLI_NO_COMMAND = 127 /* lock: there is no such command */
};

/* The status for an errno of the library. */
int cli_status (int error);

/* "troika: SUBJECT: words", by troika_error() or by a format; the first
 * gives the status that errno asks for, the second passes status on. Control
 * characters of a peer's words do not reach the terminal. */
int cli_fail (const char *subject);
int cli_complain (int status, const char *subject, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

#endif
