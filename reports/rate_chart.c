#include "reports/rate_chart.h"

#include <math.h>
#include <string.h>

enum { COLUMNS = 51 };

static size_t column_of(double value)
{
    double at = round(fmin(fmax(value, 0), 1) * (COLUMNS - 1));

    return (size_t)at;
}

/* Bytes that begin a character: what a name takes of a line. */
static size_t width_of(const char *name)
{
    size_t n = 0;

    for (; *name; name++)
        n += ((unsigned char)*name & 0xc0) != 0x80;
    return n;
}

static void put_name(struct buf *out, const char *name, size_t width)
{
    buf_puts(out, name);
    for (size_t n = width_of(name); n < width; n++)
        buf_byte(out, ' ');
}

static void put_line(struct buf *out, const struct rate_line *line, size_t width)
{
    char drawn[COLUMNS + 1];

    memset(drawn, ' ', COLUMNS);
    drawn[COLUMNS] = '\0';
    if (line->known) {
        size_t low = column_of(line->interval.low), high = column_of(line->interval.high);
        memset(drawn + low, '-', high - low + 1);
    }
    put_name(out, line->name, width);
    if (isnan(line->value)) {
        buf_printf(out, " |%s| not defined\n", drawn);
        return;
    }
    drawn[column_of(line->value)] = 'o';
    buf_printf(out, " |%s| %.3f\n", drawn, line->value);
}

void blocks_rates(struct blocks *out, const char *title, const struct rate_line *lines, size_t n)
{
    size_t width = width_of(title);
    struct buf text = {0};

    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        width = width_of(lines[i].name) > width ? width_of(lines[i].name) : width;
    put_name(&text, title, width);
    buf_printf(&text, " 0%*s\n", COLUMNS, "1");
    for (size_t i = 0; i < n; i++)
        put_line(&text, &lines[i], width);
    blocks_code(out, "text", str_trim(buf_str(&text)));
    buf_fini(&text);
}
