#include "analysis/rowtext.h"

#include "analysis/bytes.h"

void row_text_learn(struct row_text *text, struct str line, const struct row_member *members,
                    size_t n)
{
    const char *p = line.p, *end = line.p + line.n;
    size_t used = 0;

    text->slots_n = 0;
    text->json_n = 0;
    if (n > ROWTEXT_SLOTS || line.n > ROWTEXT_MAX)
        return;
    for (size_t i = 0; i <= n; i++) {
        const char *stop = i < n ? members[i].value.p : end;
        size_t length = (size_t)(stop - p);
        if (length > ROWTEXT_PAD / 2)
            return;
        memcpy(text->text + used, p, length);
        if (i < n) {
            text->slot[i].text = (uint16_t)used;
            text->slot[i].n = (uint16_t)length;
            text->slot[i].json = members[i].json;
            text->json_n += members[i].json.n;
            p = stop + members[i].value.n;
        } else {
            text->last = (uint16_t)used;
            text->last_n = (uint16_t)length;
        }
        used += length;
    }
    text->slots_n = n;
}

static char *put(char *out, const char *from, size_t n)
{
    memcpy(out, from, n);
    return out + n;
}

bool row_text_put(const struct row_text *text, struct str line, struct buf *out)
{
    const char *p = line.p, *end = line.p + line.n;

    if (text->slots_n == 0)
        return false;
    buf_reserve(out, line.n + text->json_n + text->slots_n + 2);
    char *start = out->p + out->n, *q = start;

    *q++ = '{';
    for (size_t i = 0; i < text->slots_n; i++) {
        struct str json = text->slot[i].json;
        if (!same_bytes(p, text->text + text->slot[i].text, text->slot[i].n))
            return false;
        p += text->slot[i].n;
        if (p >= end)
            return false;
        size_t n = number_pass(p, end);
        if (n == 0 || n > (size_t)(end - p))
            return false;
        if (json.n > 0) {
            if (q > start + 1)
                *q++ = ',';
            q = put(put(q, json.p, json.n), p, n);
        }
        p += n;
    }
    if ((size_t)(end - p) != text->last_n || !same_bytes(p, text->text + text->last, text->last_n))
        return false;
    *q++ = '}';
    out->n += (size_t)(q - start);
    return true;
}
