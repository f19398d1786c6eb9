#include "analysis/readers/pytext.h"

#include "analysis/base/number.h"

void pytext_put(struct buf *out, struct str text)
{
    double value;

    if (number_is(text, &value))
        buf_add(out, text);
    else if (str_is(text, "True") || str_is(text, "true"))
        buf_puts(out, "true");
    else if (str_is(text, "False") || str_is(text, "false"))
        buf_puts(out, "false");
    else if (str_is(text, "None"))
        buf_puts(out, "null");
    else
        json_put_string(out, text);
}
