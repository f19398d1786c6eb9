/* The suite's resources, prompts and completion, and one skill. */
#include "tests/mcp/fixtures.h"

static bool read_text(struct call *call, struct str id, struct resource_content *out,
                      struct err *err)
{
    (void)call, (void)id, (void)err;
    out->text = STR("This is the content of the static text resource.");
    return true;
}

static bool read_binary(struct call *call, struct str id, struct resource_content *out,
                        struct err *err)
{
    (void)call, (void)id, (void)err;
    out->text = STR(FIXTURE_PNG);
    out->is_blob = true;
    return true;
}

static bool read_template(struct call *call, struct str id, struct resource_content *out,
                          struct err *err)
{
    struct buf json = {0};

    if (str_is(id, "nobody"))
        return err_set(err, ERR_NOT_FOUND, "there is no data of nobody");
    buf_puts(&json, "{\"id\":");
    json_put_string(&json, id);
    buf_puts(&json, ",\"templateTest\":true}");
    out->text = arena_str(call->arena, buf_str(&json));
    buf_fini(&json);
    return true;
}

static bool complete_id(struct call *call, struct str typed, struct strs *values, int64_t *total,
                        struct err *err)
{
    static const char *const ids[] = {"123", "124", "200"};
    const char **fit = ARENA_ARRAY(call->arena, 3, const char *);
    size_t n = 0;

    (void)err;
    for (size_t i = 0; i < 3; i++) {
        if (str_starts(str_of(ids[i]), typed))
            fit[n++] = ids[i];
    }
    *values = (struct strs){fit, n};
    *total = (int64_t)n;
    return true;
}

static const struct resource_kind static_text = {.uri = "test://static-text",
                                                 .name = "static-text",
                                                 .title = "Static text",
                                                 .doc = "A text that never changes.",
                                                 .mime = "text/plain",
                                                 .read = read_text};
static const struct resource_kind static_binary = {.uri = "test://static-binary",
                                                   .name = "static-binary",
                                                   .title = "Static image",
                                                   .doc = "A red pixel.",
                                                   .mime = "image/png",
                                                   .read = read_binary};
static const struct resource_kind by_id = {.uri = "test://template/{id}/data",
                                           .prefix = "test://template/",
                                           .variable = "id",
                                           .suffix = "/data",
                                           .name = "data",
                                           .title = "Data by id",
                                           .doc = "What belongs to an id.",
                                           .mime = "application/json",
                                           .read = read_template,
                                           .complete = complete_id};

const struct resource_kind *const fixture_resources[] = {&static_text, &static_binary, &by_id,
                                                         NULL};

/* ---- prompts ---- */

static bool get_simple(struct call *call, const char *const *values, struct buf *messages,
                       struct err *err)
{
    (void)call, (void)values, (void)err;
    prompt_put_text(messages, STR("This is a simple prompt for testing."));
    return true;
}

static bool get_arguments(struct call *call, const char *const *values, struct buf *messages,
                          struct err *err)
{
    (void)err;
    prompt_put_text(messages,
                    str_of(arena_printf(call->arena, "Prompt with arguments: arg1='%s', arg2='%s'",
                                        values[0], values[1])));
    return true;
}

static bool get_embedded(struct call *call, const char *const *values, struct buf *messages,
                         struct err *err)
{
    (void)call, (void)err;
    buf_puts(messages, "[{\"role\":\"user\",\"content\":{\"type\":\"resource\",\"resource\":{"
                       "\"uri\":");
    json_put_string(messages, str_of(values[0]));
    buf_puts(messages, ",\"mimeType\":\"text/plain\",\"text\":\"Embedded resource content for "
                       "testing.\"}}},{\"role\":\"user\",\"content\":{\"type\":\"text\","
                       "\"text\":\"Please process the embedded resource above.\"}}]");
    return true;
}

static bool get_image(struct call *call, const char *const *values, struct buf *messages,
                      struct err *err)
{
    (void)call, (void)values, (void)err;
    buf_puts(messages, "[{\"role\":\"user\",\"content\":{\"type\":\"image\",\"data\":\"" FIXTURE_PNG
                       "\",\"mimeType\":\"image/png\"}},{\"role\":\"user\",\"content\":{"
                       "\"type\":\"text\",\"text\":\"Please analyze the image above.\"}}]");
    return true;
}

static const struct prompt_argument two_arguments[] = {
    {.name = "arg1", .doc = "First test argument", .required = true, .complete = complete_id},
    {.name = "arg2", .doc = "Second test argument", .required = true},
};
static const struct prompt_argument uri_argument[] = {
    {.name = "resourceUri", .doc = "URI of the resource to embed", .required = true},
};

static const struct prompt simple = {.name = "test_simple_prompt",
                                     .title = "Simple prompt",
                                     .doc = "One text message.",
                                     .get = get_simple};
static const struct prompt with_arguments = {.name = "test_prompt_with_arguments",
                                             .title = "Prompt with arguments",
                                             .doc = "Puts two arguments into a text.",
                                             .arguments = two_arguments,
                                             .arguments_n = 2,
                                             .get = get_arguments};
static const struct prompt with_resource = {.name = "test_prompt_with_embedded_resource",
                                            .title = "Prompt with a resource",
                                            .doc = "Embeds the resource that is named.",
                                            .arguments = uri_argument,
                                            .arguments_n = 1,
                                            .get = get_embedded};
static const struct prompt with_image = {.name = "test_prompt_with_image",
                                         .title = "Prompt with an image",
                                         .doc = "Shows a pixel.",
                                         .get = get_image};

const struct prompt *const fixture_prompts[] = {&simple, &with_arguments, &with_resource,
                                                &with_image, NULL};

/* ---- a skill ---- */

#define SKILL_DOC "Shows how the test server serves a skill. Use when testing skills."

static const char skill_text[] = "---\nname: test-skill\ndescription: " SKILL_DOC
                                 "\n---\n\n# Test skill\n\nSee [the notes](references/notes.md).\n";
static const char notes_text[] = "# Notes\n\nNothing here.\n";

static const struct skill_file files[] = {
    {"SKILL.md",
     "text/markdown",
     {skill_text, sizeof(skill_text) - 1},
     "93fe9adce8e9234db764392c419be4a33ac0f2fcd021a5f855df4b7333b4a30f"},
    {"references/notes.md",
     "text/markdown",
     {notes_text, sizeof(notes_text) - 1},
     "c461a35a09687f94ed0c844645032fa87cb313f0ca977f307421a9addf7ac38f"},
};

const struct skill fixture_skills[] = {
    {"test-skill", SKILL_DOC, "{\"name\":\"test-skill\",\"description\":\"" SKILL_DOC "\"}", files,
     sizeof(files) / sizeof(files[0])},
};
const size_t fixture_skills_n = 1;
