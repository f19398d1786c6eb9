/* The suite's fixture tools, and ours that take their time, write, or say too much. */
#include "tests/mcp/fixtures.h"

#include <stdlib.h>
#include <time.h>

#define WAV "UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAACAgICAgICAgA=="

static void sleep_ms(int64_t ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};

    if (ms > 0) /* even an empty sleep costs the kernel's slack of 50 us */
        nanosleep(&t, NULL);
}

#define TEXT_BLOCK(text) "{\"type\":\"text\",\"text\":\"" text "\"}"
#define IMAGE_BLOCK "{\"type\":\"image\",\"data\":\"" FIXTURE_PNG "\",\"mimeType\":\"image/png\"}"

/* A tool without arguments whose answer is these blocks. */
#define BLOCKS_TOOL(id, name_, title_, doc_, blocks)                                               \
    static bool run_##id(struct call *call, const void *in, void *out, struct err *err)            \
    {                                                                                              \
        (void)in, (void)out, (void)err;                                                            \
        call->content = STR("[" blocks "]");                                                       \
        return true;                                                                               \
    }                                                                                              \
    static const struct tool id = {.name = name_,                                                  \
                                   .title = title_,                                                \
                                   .doc = doc_,                                                    \
                                   .flags = TOOL_READ_ONLY | TOOL_QUICK | TOOL_NO_RESULT_SHAPE,    \
                                   .run = run_##id,                                                \
                                   .example = "{}"}

BLOCKS_TOOL(simple_text, "test_simple_text", "Simple text", "Answers with one text block.",
            TEXT_BLOCK("This is a simple text response for testing."));
BLOCKS_TOOL(image, "test_image_content", "Image", "Answers with an image of one pixel.",
            IMAGE_BLOCK);
BLOCKS_TOOL(audio, "test_audio_content", "Audio", "Answers with eight samples of silence.",
            "{\"type\":\"audio\",\"data\":\"" WAV "\",\"mimeType\":\"audio/wav\"}");
BLOCKS_TOOL(embedded, "test_embedded_resource", "Embedded resource",
            "Answers with a resource inside the result.",
            "{\"type\":\"resource\",\"resource\":{\"uri\":\"test://embedded-resource\","
            "\"mimeType\":\"text/plain\",\"text\":\"This is an embedded resource content.\"}}");
BLOCKS_TOOL(mixed, "test_multiple_content_types", "Mixed content",
            "Answers with text, an image and a resource.",
            TEXT_BLOCK("Multiple content types test:") "," IMAGE_BLOCK
                                                       ",{\"type\":\"resource\",\"resource\":{"
                                                       "\"uri\":\"test://mixed-content-resource\","
                                                       "\"mimeType\":\"application/json\","
                                                       "\"text\":\"{\\\"test\\\":\\\"data\\\","
                                                       "\\\"value\\\":123}\"}}");

static bool run_error(struct call *call, const void *in, void *out, struct err *err)
{
    (void)call, (void)in, (void)out;
    return err_set(err, ERR_NOT_FOUND, "This tool intentionally returns an error for testing");
}

static const struct tool error = {.name = "test_error_handling",
                                  .title = "Error",
                                  .doc = "Always fails.",
                                  .flags = TOOL_QUICK | TOOL_NO_RESULT_SHAPE,
                                  .run = run_error,
                                  .example = "{}"};

static bool run_progress(struct call *call, const void *in, void *out, struct err *err)
{
    (void)in, (void)out, (void)err;
    for (int i = 0; i <= 2; i++) {
        if (i)
            sleep_ms(60);
        call_progress(call, i * 50, 100, NULL);
    }
    call->content = STR("[" TEXT_BLOCK("done") "]");
    return true;
}

static const struct tool progress = {.name = "test_tool_with_progress",
                                     .title = "Progress",
                                     .doc = "Reports 0, 50 and 100 of 100.",
                                     .flags = TOOL_NO_RESULT_SHAPE,
                                     .run = run_progress,
                                     .example = "{}"};

struct person {
    const char *name, *contactMethod, *phone, *email;
    struct str address;
};

static const struct field person_fields[] = {
    F_STR(struct person, name, .doc = "name"),
    F_STR(struct person, contactMethod, .doc = "how"),
    F_STR(struct person, phone, .doc = "number"),
    F_STR(struct person, email, .doc = "address"),
    F_RAW(struct person, address, .doc = "where", .type = "object"),
};

static bool run_person(struct call *call, const void *in, void *out, struct err *err)
{
    (void)in, (void)out, (void)err;
    call->content = STR("[" TEXT_BLOCK("accepted") "]");
    return true;
}

static const struct tool person = {
    .name = "json_schema_2020_12_tool",
    .title = "Schema keywords",
    .doc = "Tool with JSON Schema 2020-12 features",
    .flags = TOOL_NO_RESULT_SHAPE,
    .in = SHAPE(struct person, person_fields),
    .run = run_person,
    .example = "{\"phone\":\"1\"}",
    .in_schema =
        "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\","
        "\"$defs\":{\"address\":{\"$anchor\":\"addressDef\",\"type\":\"object\",\"properties\":{"
        "\"street\":{\"type\":\"string\"},\"city\":{\"type\":\"string\"}}}},\"properties\":{"
        "\"name\":{\"type\":\"string\"},\"address\":{\"$ref\":\"#/$defs/address\"},"
        "\"contactMethod\":{\"type\":\"string\",\"enum\":[\"phone\",\"email\"]},"
        "\"phone\":{\"type\":\"string\"},\"email\":{\"type\":\"string\"}},"
        "\"allOf\":[{\"anyOf\":[{\"required\":[\"phone\"]},{\"required\":[\"email\"]}]}],"
        "\"if\":{\"properties\":{\"contactMethod\":{\"const\":\"phone\"}},"
        "\"required\":[\"contactMethod\"]},\"then\":{\"required\":[\"phone\"]},"
        "\"else\":{\"required\":[\"email\"]},\"additionalProperties\":false}"};

/* ---- ours ---- */

struct message {
    const char *message;
};

static const struct field message_fields[] = {
    F_STR(struct message, message, .doc = "what to say", .required = true),
};

static bool run_echo(struct call *call, const void *in, void *out, struct err *err)
{
    (void)call, (void)err;
    *(struct message *)out = *(const struct message *)in;
    return true;
}

static const struct tool echo = {.name = "echo",
                                 .title = "Echo",
                                 .doc = "Says the message back.",
                                 .flags = TOOL_READ_ONLY | TOOL_QUICK,
                                 .in = SHAPE(struct message, message_fields),
                                 .out = SHAPE(struct message, message_fields),
                                 .run = run_echo,
                                 .example = "{\"message\":\"hello\"}"};

struct slow_args {
    int64_t ms, steps;
    bool deaf;
};

struct slow_result {
    int64_t steps;
};

static const struct field slow_fields[] = {
    F_INT(struct slow_args, ms, .doc = "how long", .has_min = true, .has_max = true, .max = 60000,
          .has_def = true, .def = 0),
    F_INT(struct slow_args, steps, .doc = "parts, each reported", .has_min = true, .min = 1,
          .has_max = true, .max = 100000, .has_def = true, .def = 10),
    F_BOOL(struct slow_args, deaf, .doc = "do not listen to a cancellation"),
};

static const struct field slow_result_fields[] = {
    F_INT(struct slow_result, steps, .required = true),
};

static bool run_slow(struct call *call, const void *in, void *out, struct err *err)
{
    const struct slow_args *args = in;
    struct slow_result *result = out;

    for (int64_t i = 1; i <= args->steps; i++) {
        sleep_ms(args->ms * i / args->steps - args->ms * (i - 1) / args->steps);
        if (!args->deaf && call_cancelled(call, err))
            return false;
        call_progress(call, (double)i, (double)args->steps, "working");
    }
    result->steps = args->steps;
    return true;
}

static const struct tool slow = {.name = "slow",
                                 .title = "Slow",
                                 .doc = "Takes its time, reports progress, can be cancelled.",
                                 .flags = TOOL_READ_ONLY,
                                 .in = SHAPE(struct slow_args, slow_fields),
                                 .out = SHAPE(struct slow_result, slow_result_fields),
                                 .run = run_slow,
                                 .example = "{\"ms\":10}"};

struct write_args {
    int64_t ms;
};

struct write_result {
    int64_t number;
    bool alone;
};

static const struct field write_fields[] = {
    F_INT(struct write_args, ms, .doc = "how long", .has_min = true, .has_max = true, .max = 5000,
          .has_def = true, .def = 0),
};

static const struct field write_result_fields[] = {
    F_INT(struct write_result, number, .required = true),
    F_BOOL(struct write_result, alone, .required = true),
};

static bool run_write(struct call *call, const void *in, void *out, struct err *err)
{
    const struct write_args *args = in;
    struct write_result *result = out;

    (void)err;
    call->desk->writing++;
    sleep_ms(args->ms);
    result->alone = call->desk->writing == 1;
    call->desk->writing--;
    result->number = ++call->desk->writes;
    return true;
}

static const struct tool write_tool = {.name = "write",
                                       .title = "Write",
                                       .doc =
                                           "Counts: its answer says the how manieth call it was.",
                                       .flags = TOOL_WRITES,
                                       .in = SHAPE(struct write_args, write_fields),
                                       .out = SHAPE(struct write_result, write_result_fields),
                                       .run = run_write,
                                       .example = "{}"};

struct big_args {
    int64_t bytes;
};

struct big_result {
    const char *text;
};

static const struct field big_fields[] = {
    F_INT(struct big_args, bytes, .doc = "how many", .has_min = true, .has_max = true,
          .max = 32 * 1024 * 1024, .has_def = true, .def = 100000),
};

static const struct field big_result_fields[] = {
    F_STR(struct big_result, text, .required = true),
};

static bool run_big(struct call *call, const void *in, void *out, struct err *err)
{
    const struct big_args *args = in;
    struct big_result *result = out;
    char *text = arena_alloc(call->arena, (size_t)args->bytes + 1);

    (void)err;
    memset(text, 'x', (size_t)args->bytes);
    result->text = text;
    return true;
}

static const struct tool big = {.name = "big",
                                .title = "Big",
                                .doc = "Answers with that many bytes.",
                                .flags = TOOL_READ_ONLY,
                                .in = SHAPE(struct big_args, big_fields),
                                .out = SHAPE(struct big_result, big_result_fields),
                                .run = run_big,
                                .example = "{}"};

const struct tool *const fixture_tools[] = {
    &simple_text, &image, &audio, &embedded, &mixed,      &error, &progress,
    &person,      &echo,  &slow,  &big,      &write_tool, NULL,
};
