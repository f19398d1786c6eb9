#include "tools/small_file.h"

bool small_file(struct call *call, const struct experiment *experiment, enum experiment_file file,
                struct coverage *coverage, struct document *document, struct str *json,
                struct err *err)
{
    experiment_document(experiment, file, call->arena, document);
    *json = (struct str){0};
    if (!document->exists) {
        coverage_note(coverage, "there is no %s", document->path);
        return true;
    }
    coverage_source(coverage, document->path, "json", "by its name");
    if (!document->json)
        return err_set(err, ERR_FORMAT, "%s: %s", document->path,
                       document->why ? document->why : "it cannot be read");
    struct buf text = {0};
    put_data(&text, document->json);
    *json = finish(&text, call->arena);
    return true;
}
