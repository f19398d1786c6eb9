/*
 * The skills extension: skills/list, skills/get, resources/directory/read and
 * skill:// resources. Files and digests were embedded when the program was built.
 */
#include "mcp/request.h"

#define SCHEME "skill://"

static void put_uri(struct buf *out, const struct skill *skill, const char *path)
{
    buf_puts(out, "\"uri\":");
    buf_puts(out, "\"" SCHEME);
    json_put_escaped(out, str_of(skill->name));
    buf_byte(out, '/');
    json_put_escaped(out, str_of(path));
    buf_byte(out, '"');
}

static void put_skill(struct buf *out, const struct skill *skill)
{
    buf_byte(out, '{');
    put_uri(out, skill, "SKILL.md");
    json_put_key(out, "frontmatter");
    buf_puts(out, skill->frontmatter);
    json_put_key(out, "resources");
    buf_byte(out, '[');
    for (size_t i = 0; i < skill->files_n; i++) {
        json_put_comma(out);
        buf_byte(out, '{');
        put_uri(out, skill, skill->files[i].path);
        buf_printf(out, ",\"digest\":\"sha256:%s\",\"size\":%zu}", skill->files[i].sha256,
                   skill->files[i].bytes.n);
    }
    buf_puts(out, "]}");
}

bool answer_skills_list(struct request *request)
{
    struct buf *out = &request->result;

    if (!request_no_cursor(request))
        return false;
    buf_puts(out, "{\"skills\":[");
    for (size_t i = 0; i < request->service->skills_n; i++) {
        json_put_comma(out);
        put_skill(out, &request->service->skills[i]);
    }
    buf_puts(out, "]}");
    return true;
}

/* Splits skill://NAME/PATH; NULL if no skill has that name. */
static const struct skill *skill_of(const struct service *service, struct str uri, struct str *path)
{
    struct str rest = str_from(uri, STR(SCHEME).n), name;

    if (!str_starts(uri, STR(SCHEME)) || !str_next(&rest, '/', &name))
        return NULL;
    *path = rest;
    for (size_t i = 0; i < service->skills_n; i++) {
        if (str_is(name, service->skills[i].name))
            return &service->skills[i];
    }
    return NULL;
}

static bool unknown_skill(struct request *request, const char *uri)
{
    return fault_set(&request->fault, RPC_BAD_PARAMS, "There is no skill at '%.200s'.", uri);
}

bool answer_skills_get(struct request *request)
{
    const char *uri;
    struct str path;

    if (!request_string(request, "uri", &uri))
        return false;
    const struct skill *skill = skill_of(request->service, str_of(uri), &path);
    if (!skill || !str_is(path, "SKILL.md"))
        return unknown_skill(request, uri);
    buf_puts(&request->result, "{\"skill\":");
    put_skill(&request->result, skill);
    buf_byte(&request->result, '}');
    return true;
}

static void put_file(struct buf *out, const struct skill *skill, const struct skill_file *file)
{
    bool main_file = strcmp(file->path, "SKILL.md") == 0;

    json_put_comma(out);
    buf_byte(out, '{');
    put_uri(out, skill, file->path);
    json_put_key(out, "name");
    json_put_string(out, str_of(main_file ? skill->name : file->path));
    if (main_file) {
        json_put_key(out, "description");
        json_put_string(out, str_of(skill->doc));
    }
    json_put_key(out, "mimeType");
    json_put_string(out, str_of(file->mime));
    buf_printf(out, ",\"size\":%zu}", file->bytes.n);
}

/* A folder below `folder` is shown once, when its first file is met: files are in name order. */
static void put_children(struct buf *out, const struct skill *skill, struct str folder)
{
    struct str before = {0};

    for (size_t i = 0; i < skill->files_n; i++) {
        struct str rest = str_of(skill->files[i].path), child;
        if (folder.n) {
            if (!str_starts(rest, folder) || rest.n <= folder.n || rest.p[folder.n] != '/')
                continue;
            rest = str_from(rest, folder.n + 1);
        }
        const char *slash = memchr(rest.p, '/', rest.n);
        if (!slash) {
            put_file(out, skill, &skill->files[i]);
            continue;
        }
        child = (struct str){skill->files[i].path, (size_t)(slash - skill->files[i].path)};
        if (str_eq(child, before))
            continue;
        before = child;
        json_put_comma(out);
        buf_printf(out, "{\"uri\":\"" SCHEME "%s/%.*s\",\"name\":\"%.*s\",", skill->name,
                   STR_FMT(child), (int)(slash - rest.p), rest.p);
        buf_puts(out, "\"mimeType\":\"inode/directory\"}");
    }
}

static bool is_folder(const struct skill *skill, struct str folder)
{
    for (size_t i = 0; i < skill->files_n; i++) {
        struct str path = str_of(skill->files[i].path);
        if (folder.n == 0 ||
            (str_starts(path, folder) && path.n > folder.n && path.p[folder.n] == '/'))
            return true;
    }
    return false;
}

bool answer_directory_read(struct request *request)
{
    const char *uri;
    struct str folder;

    if (!request_no_cursor(request) || !request_string(request, "uri", &uri))
        return false;
    const struct skill *skill = skill_of(request->service, str_of(uri), &folder);
    if (!skill || str_ends(str_of(uri), STR("/")) || !is_folder(skill, folder))
        return unknown_skill(request, uri);
    buf_puts(&request->result, "{\"resources\":[");
    put_children(&request->result, skill, folder);
    buf_puts(&request->result, "]}");
    return true;
}

void skills_put_resources(const struct service *service, struct buf *out)
{
    for (size_t i = 0; i < service->skills_n; i++) {
        for (size_t f = 0; f < service->skills[i].files_n; f++) {
            if (strcmp(service->skills[i].files[f].path, "SKILL.md") == 0)
                put_file(out, &service->skills[i], &service->skills[i].files[f]);
        }
    }
}

bool skills_read(struct request *request, struct str uri, bool *mine)
{
    struct buf *out = &request->result;
    struct str path;

    *mine = request->service->skills_n > 0 && str_starts(uri, STR(SCHEME));
    const struct skill *skill = *mine ? skill_of(request->service, uri, &path) : NULL;
    for (size_t i = 0; skill && i < skill->files_n; i++) {
        if (!str_is(path, skill->files[i].path))
            continue;
        buf_puts(out, "{\"contents\":[{");
        put_uri(out, skill, skill->files[i].path);
        json_put_key(out, "mimeType");
        json_put_string(out, str_of(skill->files[i].mime));
        json_put_key(out, "text");
        json_put_string(out, skill->files[i].bytes);
        buf_puts(out, "}]}");
        return true;
    }
    return false;
}
