#include "analysis/base/quote.h"

#include "analysis/base/buf.h"
#include "analysis/base/json.h"

/* How many bytes an escape sequence of a terminal (ECMA-48) takes; text begins with ESC. */
static size_t escape_length(struct str text)
{
    size_t n = 1;

    if (n >= text.n || text.p[n] != '[')
        return n < text.n ? 2 : 1;
    for (n++; n < text.n; n++) {
        if (text.p[n] >= '@' && text.p[n] <= '~')
            return n + 1;
    }
    return text.n;
}

/* C0 and C1 controls and DEL (ISO 6429); text begins with a whole character. */
static bool is_control(struct str text, size_t length)
{
    unsigned char c = (unsigned char)text.p[0];

    return c < ' ' || c == 0x7f || (length == 2 && c == 0xc2 && (unsigned char)text.p[1] < 0xa0);
}

static bool is_blank(char c)
{
    return c == '\n' || c == '\t' || c == '\r';
}

const char *quote_text(struct arena *arena, struct str text, size_t characters)
{
    struct buf out = {0};

    for (size_t kept = 0; text.n > 0;) {
        size_t length = utf8_length(text);

        if (text.p[0] == 0x1b) {
            text = str_from(text, escape_length(text));
            continue;
        }
        if (kept == characters) {
            buf_puts(&out, " [cut]");
            break;
        }
        if (length == 0)
            buf_puts(&out, "\xef\xbf\xbd"); /* U+FFFD: bytes that are no UTF-8 */
        else if (is_blank(text.p[0]))
            buf_byte(&out, ' ');
        else if (!is_control(text, length))
            buf_add(&out, str_cut(text, length));
        kept += length == 0 || is_blank(text.p[0]) || !is_control(text, length);
        text = str_from(text, length ? length : 1);
    }
    const char *quote = arena_text(arena, buf_str(&out));
    buf_fini(&out);
    return quote;
}
