#include "analysis/base/err.h"
#include "analysis/base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *wire, *hint;
} codes[] = {
#define X(code, wire, hint) [code] = {wire, hint},
    ERR_CODES(X)
#undef X
};

bool err_set(struct err *err, enum err_code code, const char *format, ...)
{
    va_list args;

    err->code = code;
    va_start(args, format);
    vsnprintf(err->msg, sizeof(err->msg), format, args);
    va_end(args);
    return false;
}

bool err_wrap(struct err *err, const char *format, ...)
{
    char where[512], sentence[sizeof(err->msg)];
    va_list args;

    va_start(args, format);
    vsnprintf(where, sizeof(where), format, args);
    va_end(args);
    memcpy(sentence, err->msg, sizeof(sentence));
    snprintf(err->msg, sizeof(err->msg), "%s: %s", where, sentence);
    return false;
}

bool err_errno(struct err *err, const char *format, ...)
{
    char reason[128], what[512];
    int number = errno;
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    err->code = ERR_IO;
    snprintf(err->msg, sizeof(err->msg), "%s: %s", what,
             strerror_r(number, reason, sizeof(reason)));
    return false;
}

const char *err_wire(enum err_code code)
{
    return codes[code].wire;
}

void err_sentence(const struct err *err, struct buf *out)
{
    const char *hint = codes[err->code].hint;
    size_t n = strlen(err->msg);

    buf_puts(out, err->msg);
    if (!*hint)
        return;
    if (n && !strchr(".!?", err->msg[n - 1]))
        buf_byte(out, '.');
    buf_byte(out, ' ');
    buf_puts(out, hint);
}
