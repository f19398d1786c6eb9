#include "analysis/trajectories/sink.h"

#include "analysis/base/number.h"

enum { CALLS_OPEN = 32 };

/* ---- handing over ---- */

void sink_step(struct sink *sink, const struct step *step)
{
    watch_step(&sink->watch, step);
    if (sink->step)
        sink->step(sink, step);
}

void sink_message(struct sink *sink, const struct message *message)
{
    watch_message(&sink->watch, message);
    if (sink->message)
        sink->message(sink, message);
}

void sink_end(struct sink *sink, const struct trajectory *trajectory)
{
    struct trajectory filled = *trajectory;

    watch_end(&sink->watch);
    if (filled.question.n == 0)
        filled.question = sink->origin.question;
    if (filled.agent.n == 0)
        filled.agent = sink->file.agent;
    if (filled.created_ms == NO_NUMBER)
        filled.created_ms = sink->file.created_ms;
    if (filled.training.n == 0)
        filled.training = sink->file.training.n ? sink->file.training : sink->origin.training;
    if (filled.epoch == NO_NUMBER)
        filled.epoch = sink->origin.epoch;
    if (filled.iteration == NO_NUMBER)
        filled.iteration = sink->iteration != NO_NUMBER ? sink->iteration : sink->origin.iteration;
    sink->end(sink, &filled);
    watch_reset(&sink->watch);
}

void sink_refuse(struct sink *sink, struct str id, const char *why)
{
    sink->refuse(sink, id, why);
    watch_reset(&sink->watch);
}

void sink_remark(struct sink *sink, struct str id, const char *what)
{
    sink->remark(sink, id, what);
}

/* ---- members ---- */

struct str sink_value(struct sink *sink, struct str value)
{
    if (str_is(value, "null"))
        return (struct str){0};
    if (value.n < 2 || value.p[0] != '"')
        return value;
    struct str inside = {value.p + 1, value.n - 2};
    if (inside.n == 0 || !memchr(inside.p, '\\', inside.n))
        return inside;
    char *out = arena_alloc(sink->scratch, inside.n);
    return (struct str){out, scan_unescape(inside, out)};
}

struct str sink_text(struct sink *sink, const struct scan_member *member)
{
    return member->kind == SCAN_NULL ? (struct str){0} : sink_value(sink, member->value);
}

bool take_number(const struct scan_member *member, double *out)
{
    struct str text = member->value;
    double value;

    if (member->kind == SCAN_NULL)
        return true;
    if (member->kind == SCAN_NUMBER || member->kind == SCAN_NON_FINITE) {
        *out = scan_double(member);
        return true;
    }
    if (member->kind != SCAN_STRING)
        return false;
    text = str_trim((struct str){text.p + 1, text.n - 2});
    if (!number_is(text, &value))
        return false;
    *out = value;
    return true;
}

/* Most are a few digits. */
static bool is_short_count(const struct scan_member *member, int64_t *out)
{
    int64_t value = 0;

    if (member->kind != SCAN_NUMBER || member->value.n > 9)
        return false;
    for (size_t i = 0; i < member->value.n; i++) {
        unsigned digit = (unsigned char)member->value.p[i] - (unsigned)'0';
        if (digit > 9)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool take_whole(const struct scan_member *member, int64_t *out)
{
    double value = (double)NAN;

    if (is_short_count(member, out))
        return true;
    if (!take_number(member, &value) || (!isnan(value) && value != floor(value)) ||
        fabs(value) > 9e15)
        return false;
    if (!isnan(value))
        *out = (int64_t)value;
    return true;
}

bool member_true(const struct scan_member *member)
{
    return str_is(member->value, "true") || str_is(member->value, "\"true\"") ||
           str_is(member->value, "\"True\"");
}

bool member_of(struct str object, const char *name, struct scan_member *out)
{
    struct scan scan = scan_object(object);

    while (scan_next(&scan, out)) {
        if (member_is(out, name))
            return true;
    }
    return false;
}

struct str sink_words(struct sink *sink, const struct scan_member *member)
{
    struct scan scan;
    struct scan_member element, role, content;

    if (!member->value.p)
        return (struct str){0};
    if (member->kind != SCAN_NESTED)
        return sink_value(sink, attachment_text(&sink->attachments, member->value, sink->scratch));
    scan = scan_array(member->value);
    while (scan_element(&scan, &element)) {
        if (member_is_object(&element) && member_of(element.value, "role", &role) &&
            str_is(role.value, "\"user\"") && member_of(element.value, "content", &content))
            return sink_value(sink,
                              attachment_text(&sink->attachments, content.value, sink->scratch));
    }
    return (struct str){0};
}

static bool ends_name(unsigned char c)
{
    static const bool ends[256] = {['['] = 1, ['('] = 1, ['{'] = 1, [':'] = 1,  [','] = 1,
                                   [';'] = 1, ['='] = 1, ['<'] = 1, ['\"'] = 1, ['\''] = 1};

    return c <= ' ' || ends[c];
}

/* text: without blanks around it; its first n bytes are the word */
static struct str name_from(struct str text, size_t n)
{
    if (n == 0)
        return text.n ? STR("(text)") : (struct str){0};
    if (n > TOOL_NAME_MAX) { /* not within a character */
        n = TOOL_NAME_MAX;
        while (n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
            n--;
    }
    return str_cut(text, n);
}

struct str action_name(struct str text)
{
    size_t n = 0;

    text = str_trim(text);
    while (n < text.n && !ends_name((unsigned char)text.p[n]))
        n++;
    return name_from(text, n);
}

struct str sink_action_name(struct sink *sink, const struct scan_member *member)
{
    struct str text = member->value;
    size_t n = 0;

    if (member->kind != SCAN_STRING)
        return action_name(sink_text(sink, member));
    text = str_trim((struct str){text.p + 1, text.n - 2});
    while (n < text.n && text.p[n] != '\\' && !ends_name((unsigned char)text.p[n]))
        n++;
    if (n < text.n && text.p[n] == '\\') /* it may stand for a letter or a blank */
        return action_name(sink_text(sink, member));
    return name_from(text, n);
}

/* ---- chats ---- */

/* A call that waits for its answer. */
struct open_call {
    struct step step;
    struct str id; /* as it stands */
};

struct turn {
    struct sink *sink;
    struct chat *chat;
    struct open_call call[CALLS_OPEN];
    size_t n;
    bool plain;         /* an assistant's turn without a call waits for a reply */
    struct step spoken; /* that turn */
};

static void flush_calls(struct turn *turn)
{
    for (size_t i = 0; i < turn->n; i++)
        sink_step(turn->sink, &turn->call[i].step);
    turn->n = 0;
    if (turn->plain)
        sink_step(turn->sink, &turn->spoken);
    turn->plain = false;
}

/* function: an object with name and arguments; the name itself where Inspect writes it so */
static void open_call(struct turn *turn, struct str thought, struct str id, struct str function)
{
    struct step step = step_none();
    struct scan scan = scan_object(function);
    struct scan_member member;

    while (scan_next(&scan, &member)) {
        if (member_is(&member, "name") ||
            (member_is(&member, "function") && member.kind == SCAN_STRING)) {
            step.tool = action_name(sink_text(turn->sink, &member));
            step.action = member.value;
        } else if (member_is(&member, "arguments")) {
            step.arguments = member.value;
        }
    }
    step.thought = turn->n == 0 ? thought : (struct str){0};
    step.returned = true;
    turn->chat->last_tool = step.tool;
    if (turn->n == CALLS_OPEN)
        flush_calls(turn);
    turn->call[turn->n++] = (struct open_call){step, id};
}

static void open_calls(struct turn *turn, struct str thought, struct str list)
{
    struct scan scan = scan_array(list);
    struct scan_member element;

    while (scan_element(&scan, &element)) {
        struct scan_member id = {0}, function = {0};
        if (element.kind != SCAN_NESTED)
            continue;
        member_of(element.value, "id", &id);
        if (!member_of(element.value, "function", &function) || function.kind != SCAN_NESTED)
            function.value = element.value; /* name and arguments stand here */
        open_call(turn, thought, member_is(&id, "id") ? id.value : (struct str){0}, function.value);
    }
}

/* An answer goes to the call of its id, else to the first that waits. */
static void answer(struct turn *turn, struct str id, struct str content)
{
    size_t at = 0;

    if (turn->n == 0)
        return;
    for (size_t i = 0; i < turn->n; i++) {
        if (id.n && str_eq(turn->call[i].id, id)) {
            at = i;
            break;
        }
    }
    turn->call[at].step.observation = content;
    sink_step(turn->sink, &turn->call[at].step);
    memmove(&turn->call[at], &turn->call[at + 1], (turn->n - at - 1) * sizeof(turn->call[0]));
    turn->n--;
}

struct parts {
    struct str role, content, calls, call, id, error;
};

/* "Error: timeout: …": what a tool did not return (Inspect's {type, message}). */
static struct str as_error(struct sink *sink, struct str error)
{
    struct scan_member type = {0}, message = {0};
    struct str kind = {0}, words = {0};

    if (member_of(error, "type", &type) && type.kind == SCAN_STRING)
        kind = (struct str){type.value.p + 1, type.value.n - 2};
    if (member_of(error, "message", &message) && message.kind == SCAN_STRING)
        words = (struct str){message.value.p + 1, message.value.n - 2};
    if (str_is(kind, "parsing"))
        kind = STR("tool call parsing failed");
    return str_of(
        arena_printf(sink->scratch, "\"Error: %.*s: %.*s\"", STR_FMT(kind), STR_FMT(words)));
}

static struct parts parts_of(struct str object)
{
    struct parts parts = {0};
    struct scan scan = scan_object(object);
    struct scan_member member;

    while (scan_next(&scan, &member)) {
        if (member_is(&member, "role") || member_is(&member, "from"))
            parts.role = member.value;
        else if (member_is(&member, "content") || member_is(&member, "value"))
            parts.content = member.value;
        else if (member_is(&member, "tool_calls") && member.kind == SCAN_NESTED)
            parts.calls = member.value;
        else if (member_is(&member, "function_call") && member.kind == SCAN_NESTED)
            parts.call = member.value;
        else if (member_is(&member, "tool_call_id"))
            parts.id = member.value;
        else if (member_is(&member, "error") && member.kind == SCAN_NESTED)
            parts.error = member.value;
    }
    return parts;
}

static enum speaker speaker_of(struct str value)
{
    if (str_is(value, "\"assistant\"") || str_is(value, "\"gpt\"") || str_is(value, "\"ai\""))
        return SPEAKER_ASSISTANT;
    if (str_is(value, "\"tool\"") || str_is(value, "\"function\"") ||
        str_is(value, "\"observation\""))
        return SPEAKER_TOOL;
    return str_is(value, "\"system\"") || str_is(value, "\"developer\"") ? SPEAKER_SYSTEM
                                                                         : SPEAKER_USER;
}

static void as_steps(struct turn *turn, enum speaker role, const struct parts *parts)
{
    if (role == SPEAKER_TOOL) {
        answer(turn, parts->id,
               parts->error.n ? as_error(turn->sink, parts->error) : parts->content);
        return;
    }
    if (role == SPEAKER_USER && turn->plain)
        turn->spoken.observation = parts->content;
    flush_calls(turn);
    if (role != SPEAKER_ASSISTANT)
        return;
    if (parts->calls.n)
        open_calls(turn, parts->content, parts->calls);
    else if (parts->call.n)
        open_call(turn, parts->content, (struct str){0}, parts->call);
    if (turn->n == 0) {
        turn->spoken = step_none();
        turn->spoken.thought = parts->content;
        turn->plain = true;
    }
}

struct chat sink_chat(struct sink *sink, struct str list, bool steps)
{
    struct chat chat = {0};
    struct turn turn = {.sink = sink, .chat = &chat};
    struct scan scan = scan_array(list);
    struct scan_member element;

    while (scan_element(&scan, &element)) {
        if (element.kind != SCAN_NESTED || element.value.p[0] != '{')
            return chat;
        struct parts parts = parts_of(element.value);
        parts.content = attachment_text(&sink->attachments, parts.content, sink->scratch);
        enum speaker role = speaker_of(parts.role);
        bool calls = str_starts(parts.calls, STR("[{")) || parts.call.n > 0 ||
                     (parts.calls.n > 4 && memchr(parts.calls.p, '{', parts.calls.n));
        sink_message(sink, &(struct message){role, parts.content, calls});
        if (role == SPEAKER_USER && chat.first_user.n == 0)
            chat.first_user = parts.content;
        if (chat.n++ == 1)
            chat.second = parts.content;
        chat.last_role = role;
        chat.last_content = parts.content;
        if (steps)
            as_steps(&turn, role, &parts);
    }
    flush_calls(&turn);
    chat.ok = !scan.fault;
    return chat;
}
