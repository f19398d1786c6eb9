/* Any bytes as the blocks of a report: checked, outlined and drawn without falling over. */
#include "analysis/base/limits.h"
#include "reports/blocks/block.h"
#include "reports/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct arena arena;
    struct err err;

    arena_init(&arena);
    const struct json *blocks = json_parse(&arena, text, JSON_STRICT, REQUEST_DEPTH_MAX, &err);
    if (blocks) {
        struct report report = {.id = "x", .title = "t", .blocks = blocks->raw};
        struct outline outline;
        struct buf out = {0};
        /* what nobody checked is drawn, too: files may come from elsewhere */
        bool fine = blocks_check(blocks, &err);
        (void)fine;
        render_markdown(&report, blocks, &arena, &out);
        report_outline(blocks, &arena, &outline);
        buf_fini(&out);
    }
    arena_fini(&arena);
    return 0;
}
