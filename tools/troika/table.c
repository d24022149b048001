/* SPDX-License-Identifier: MPL-2.0 */
/*
 * table.c - the objects of a manager as a table of figures.
 *
 * Types differ in what they tell: each column is a function that finds its
 * figure in whatever object, or none, which is shown as a dash. Names come
 * from others; only printable characters of them reach the terminal.
 */
#include "tools/troika/table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include "tools/troika/tree.h"

#define NAME_WIDTH 24
#define TYPE_WIDTH 10

static int64_t
amount (const msgpack_object *object, const char *name)
{
    return cli_amount (cli_field (object, name));
}

static int64_t
size_of (const msgpack_object *object)
{
    static const char *const names[] = {"size", "len", "value", "bytes"};
    int64_t found = -1;
    for (size_t i = 0; found < 0 && i < sizeof names / sizeof *names; i++)
        found = amount (object, names[i]);
    return found;
}

static int64_t
most_of (const msgpack_object *object)
{
    int64_t most = amount (object, "maxsize");
    return most ? most : -1;
}

static int64_t
puts_of (const msgpack_object *object)
{
    return amount (object, "puts");
}

static int64_t
gets_of (const msgpack_object *object)
{
    return amount (object, "gets");
}

static int64_t
flight_of (const msgpack_object *object)
{
    return amount (object, "in_flight");
}

/* Who waits for a condition, or for its lock. */
static int64_t
waiting_for (const msgpack_object *object)
{
    const msgpack_object *lock = cli_field (object, "lock");
    int64_t gets = amount (object, "waiting_gets");
    if (gets >= 0)
        return gets + amount (object, "waiting_puts");
    int64_t waiters = amount (object, "waiters");
    return lock ? waiters + amount (lock, "waiters") : waiters;
}

static int64_t
holder_of (const msgpack_object *object)
{
    const msgpack_object *lock = cli_field (object, "lock");
    int64_t holder = amount (lock ? lock : object, "holder");
    if (holder < 0)
        holder = amount (object, "holders");
    return holder ? holder : -1;
}

static const struct {
    const char *title;
    int width;
    bool is_rate;
    int64_t (*figure) (const msgpack_object *object);
} columns[] = {
    {"SIZE", 9, false, size_of},     {"MAX", 9, false, most_of},
    {"PUT/S", 9, true, puts_of},     {"GET/S", 9, true, gets_of},
    {"FLIGHT", 8, false, flight_of}, {"WAITING", 8, false, waiting_for},
    {"HOLDER", 9, false, holder_of},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

typedef struct {
    FILE *file;
    const char *end; /* of each line, before its newline */
    int rows;        /* lines left, or -1 */
    int columns;     /* characters of a line, or -1 */
    char line[1024];
    size_t size;
} page_t;

static bool
begins_character (char byte)
{
    return (byte & 0xc0) != 0x80;
}

/* Up to width characters, filled up with spaces. */
static void
add_text (page_t *page, const char *text, size_t size, int width)
{
    int used = 0;
    for (size_t i = 0; i < size; i++) {
        used += begins_character (text[i]);
        if (used > width || page->size + 2 > sizeof page->line)
            break;
        bool control = (unsigned char)text[i] < ' ' || text[i] == 0x7f;
        page->line[page->size++] = control ? '?' : text[i];
    }
    for (; used <= width && page->size + 2 < sizeof page->line; used++)
        page->line[page->size++] = ' ';
}

static void
add_field (page_t *page, const msgpack_object *text, int width)
{
    if (text && text->type == MSGPACK_OBJECT_STR)
        add_text (page, text->via.str.ptr, text->via.str.size, width);
    else
        add_text (page, "-", 1, width);
}

static void add_format (page_t *page, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

static void
add_format (page_t *page, const char *format, ...)
{
    va_list args;
    size_t room = sizeof page->line - page->size;
    va_start (args, format);
    int size = vsnprintf (page->line + page->size, room, format, args);
    va_end (args);
    page->size += size < 0 ? 0 : (size_t)size < room ? (size_t)size : room - 1;
}

/* Writes the line, cut where the page ends, and begins the next. */
static void
end_line (page_t *page)
{
    size_t size = 0;
    int used = 0;
    for (; size < page->size; size++) {
        used += begins_character (page->line[size]);
        if (page->columns >= 0 && used > page->columns)
            break;
    }
    if (page->rows != 0)
        fprintf (page->file, "%.*s%s\n", (int)size, page->line, page->end);
    page->rows -= page->rows > 0;
    page->size = 0;
}

static void
show_titles (page_t *page)
{
    add_text (page, "NAME", 4, NAME_WIDTH);
    add_text (page, "TYPE", 4, TYPE_WIDTH);
    for (int i = 0; i < COLUMNS; i++)
        add_format (page, " %*s", columns[i].width, columns[i].title);
    end_line (page);
}

/* The same object in an earlier look; at the same place, mostly. */
static const msgpack_object *
find (const cli_look_t *look, const msgpack_object *name, uint32_t hint)
{
    const msgpack_object *elements = NULL;
    uint32_t count =
        cli_elements (troika_msg_object (look->objects), &elements);
    for (uint32_t i = 0; i < count; i++) {
        const msgpack_object *element = &elements[(i + hint) % count];
        const msgpack_object *other = cli_field (element, "name");
        if (other && name && msgpack_object_equal (*other, *name))
            return element;
    }
    return NULL;
}

static void
add_figure (page_t *page, int column, const msgpack_object *object,
            const msgpack_object *earlier, double seconds)
{
    int width = columns[column].width;
    int64_t now = columns[column].figure (object);
    int64_t then = earlier ? columns[column].figure (earlier) : -1;
    if (now < 0 || (columns[column].is_rate && (then < 0 || then > now)))
        add_format (page, " %*s", width, "-");
    else if (columns[column].is_rate)
        add_format (page, " %*.0f", width, (double)(now - then) / seconds);
    else
        add_format (page, " %*" PRId64, width, now);
}

void
cli_table_show (FILE *file, const cli_look_t *before, const cli_look_t *after,
                const cli_shape_t *shape)
{
    page_t page = {file, shape->end, shape->rows, shape->columns, "", 0};
    const msgpack_object *elements = NULL;
    uint32_t count =
        cli_elements (troika_msg_object (after->objects), &elements);
    show_titles (&page);
    for (uint32_t i = 0; i < count; i++) {
        const msgpack_object *name = cli_field (&elements[i], "name");
        if (shape->object && !cli_is_text (name, shape->object))
            continue;
        const msgpack_object *earlier = find (before, name, i);
        add_field (&page, name, NAME_WIDTH);
        add_field (&page, cli_field (&elements[i], "type"), TYPE_WIDTH);
        for (int column = 0; column < COLUMNS; column++)
            add_figure (&page, column, &elements[i], earlier,
                        after->at - before->at);
        end_line (&page);
    }
}
