#include "reports/build.h"
#include "analysis/base/fnv.h"
#include "analysis/base/json.h"

#include <stdio.h>

static uint64_t hash(uint64_t h, const char *text)
{
    return fnv_add(fnv_add(h, str_of(text)), STR("\xff")); /* "ab","c" is not "a","bc" */
}

/* splitmix64 (Steele, Lea, Flood 2014): spreads neighbours over all bits. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

void blocks_begin(struct blocks *blocks, const char *experiment_id, const char *pattern)
{
    *blocks = (struct blocks){.experiment_id = experiment_id,
                              .seed = hash(hash(FNV_BASIS, experiment_id), pattern)};
    buf_byte(&blocks->text, '[');
}

struct str blocks_end(struct blocks *blocks)
{
    buf_byte(&blocks->text, ']');
    return buf_str(&blocks->text);
}

void blocks_fini(struct blocks *blocks)
{
    buf_fini(&blocks->text);
}

/* {"id":…,"type":… : version 8 of RFC 9562, an id of one's own making */
static void open_block(struct blocks *blocks, const char *type)
{
    uint64_t a = mix(blocks->seed + 2 * blocks->number), b = mix(~blocks->seed + a);

    blocks->number++;
    blocks->count++;
    json_put_comma(&blocks->text);
    buf_printf(&blocks->text, "{\"id\":\"%08x-%04x-8%03x-%04x-%012llx\"", (unsigned)(a >> 32),
               (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff),
               (unsigned)(0x8000 | (b >> 48 & 0x3fff)), (unsigned long long)(b & 0xffffffffffffU));
    json_put_key(&blocks->text, "type");
    json_put_string(&blocks->text, str_of(type));
}

static void close_block(struct blocks *blocks)
{
    buf_puts(&blocks->text, ",\"children\":[]}");
}

static void put_member(struct blocks *blocks, const char *name, const char *text)
{
    json_put_key(&blocks->text, name);
    json_put_string(&blocks->text, str_of(text));
}

static void put_text(struct blocks *blocks, struct str text, bool bold)
{
    if (text.n == 0)
        return;
    json_put_comma(&blocks->text);
    buf_puts(&blocks->text, "{\"type\":\"text\",\"text\":");
    json_put_string(&blocks->text, text);
    buf_puts(&blocks->text, bold ? ",\"styles\":{\"bold\":true}}" : ",\"styles\":{}}");
}

static void put_content(struct blocks *blocks, const char *bold, const char *format, va_list args)
    PRINTF(3, 0);

static void put_content(struct blocks *blocks, const char *bold, const char *format, va_list args)
{
    struct arena scratch;

    arena_init(&scratch);
    buf_puts(&blocks->text, ",\"content\":[");
    put_text(blocks, str_of(bold), true);
    put_text(blocks, str_of(arena_vprintf(&scratch, format, args)), false);
    buf_byte(&blocks->text, ']');
    arena_fini(&scratch);
    close_block(blocks);
}

void blocks_heading(struct blocks *blocks, int level, const char *format, ...)
{
    va_list args;

    open_block(blocks, "heading");
    buf_printf(&blocks->text, ",\"props\":{\"level\":%d}", level);
    va_start(args, format);
    put_content(blocks, NULL, format, args);
    va_end(args);
}

void blocks_paragraph(struct blocks *blocks, const char *format, ...)
{
    va_list args;

    open_block(blocks, "paragraph");
    va_start(args, format);
    put_content(blocks, NULL, format, args);
    va_end(args);
}

void blocks_bold(struct blocks *blocks, const char *bold, const char *format, ...)
{
    va_list args;

    open_block(blocks, "paragraph");
    va_start(args, format);
    put_content(blocks, bold, format, args);
    va_end(args);
}

void blocks_bullet(struct blocks *blocks, const char *format, ...)
{
    va_list args;

    open_block(blocks, "bulletListItem");
    va_start(args, format);
    put_content(blocks, NULL, format, args);
    va_end(args);
}

void blocks_numbered(struct blocks *blocks, const char *format, ...)
{
    va_list args;

    open_block(blocks, "numberedListItem");
    va_start(args, format);
    put_content(blocks, NULL, format, args);
    va_end(args);
}

void blocks_code(struct blocks *blocks, const char *language, struct str code)
{
    open_block(blocks, "codeBlock");
    buf_puts(&blocks->text, ",\"props\":{");
    put_member(blocks, "language", language ? language : "text");
    buf_puts(&blocks->text, "},\"content\":[");
    put_text(blocks, code, false);
    buf_byte(&blocks->text, ']');
    close_block(blocks);
}

/* ---- tables ---- */

void blocks_table_begin(struct blocks *blocks)
{
    open_block(blocks, "table");
    buf_puts(&blocks->text, ",\"content\":{\"type\":\"tableContent\",\"rows\":[");
}

void blocks_table_row(struct blocks *blocks, const char *const *cells, size_t n)
{
    json_put_comma(&blocks->text);
    buf_puts(&blocks->text, "{\"cells\":[");
    for (size_t i = 0; i < n; i++) {
        buf_puts(&blocks->text, i ? ",[" : "[");
        put_text(blocks, str_of(cells[i]), false);
        buf_byte(&blocks->text, ']');
    }
    buf_puts(&blocks->text, "]}");
}

void blocks_table_end(struct blocks *blocks)
{
    buf_puts(&blocks->text, "]}");
    close_block(blocks);
}

/* ---- charts ---- */

static void open_chart(struct blocks *blocks, const char *type)
{
    open_block(blocks, type);
    buf_puts(&blocks->text, ",\"props\":{");
    put_member(blocks, "experimentId", blocks->experiment_id);
}

static void close_chart(struct blocks *blocks)
{
    buf_byte(&blocks->text, '}');
    close_block(blocks);
}

void blocks_chart(struct blocks *blocks, const char *mode, const char *key)
{
    bool rl = strcmp(mode, "rl") == 0, ablation = strcmp(mode, "ablation") == 0;

    open_chart(blocks, "experimentChart");
    put_member(blocks, "chartMode", mode);
    put_member(blocks, rl ? "rlMetricKey" : ablation ? "ablationMetricKey" : "metricKey", key);
    close_chart(blocks);
}

void blocks_metrics_table(struct blocks *blocks)
{
    open_chart(blocks, "metricsTable");
    close_chart(blocks);
}

void blocks_trajectory(struct blocks *blocks, const char *gating_mode, const char *prompt)
{
    open_chart(blocks, "trajectoryChart");
    put_member(blocks, "gatingMode", gating_mode);
    put_member(blocks, "prompt", prompt);
    close_chart(blocks);
}

void blocks_cross_prompt(struct blocks *blocks, const char *gating_mode)
{
    open_chart(blocks, "crossPromptAnalysis");
    put_member(blocks, "gatingMode", gating_mode);
    close_chart(blocks);
}

void blocks_sweep(struct blocks *blocks, const char *prompt)
{
    open_chart(blocks, "sweepAnalysis");
    put_member(blocks, "prompt", prompt);
    close_chart(blocks);
}
