#ifndef SINK_H
#define SINK_H
/*
 * Where a reader puts what it finds in a record: any number of steps and
 * messages, then the trajectory they belong to, by sink_end. One record may
 * hold several. What cannot be used is refused with a sentence: it is counted
 * and the first is shown, nothing is dropped in silence.
 *
 * Two kinds of sink exist: one builds the index, one collects the texts of a
 * trajectory that somebody wants to read. A reader does not know which it has.
 */

#include "analysis/base/arena.h"
#include "analysis/trajectories/attachments.h"
#include "analysis/trajectories/usual.h"
#include "analysis/trajectories/watch.h"

/* What the path says of the trajectories in it. */
struct origin {
    struct str training;
    struct str above;         /* the next name above: the training where a file is one episode */
    struct str question;      /* of readers with question_files */
    int64_t epoch, iteration; /* NO_NUMBER: nothing */
};

/* The kinds of objects whose usual members are kept, for the readers that ask for them. */
enum { USUAL_RECORD, USUAL_SHELL, USUAL_METRICS, USUAL_TASK, USUAL_STEP, USUAL_MESSAGE, USUALS };

struct sink {
    struct origin origin;
    struct trajectory file; /* what the file says of all of them; where one is silent, this holds */
    int64_t place;          /* of an element in its file, from 0; NO_NUMBER: not told */
    struct arena *scratch;  /* reset before each record */
    struct watch watch;     /* of the trajectory that is being handed over */
    bool complete;          /* set by a reader that met the record which ends a whole log */
    int64_t iteration;      /* of the records around this one; NO_NUMBER: none is given */
    struct attachments attachments; /* of the record, while its reader works on it */
    struct tape tape;               /* of this record, for the readers that begin it */
    struct usual usual[USUALS];     /* of this file's objects; all zero before its first record */

    void (*step)(struct sink *sink, const struct step *step);          /* may be NULL */
    void (*message)(struct sink *sink, const struct message *message); /* may be NULL */
    void (*end)(struct sink *sink, const struct trajectory *trajectory);
    void (*refuse)(struct sink *sink, struct str id, const char *why);
    void (*remark)(struct sink *sink, struct str id, const char *what);
};

void sink_step(struct sink *sink, const struct step *step);
void sink_message(struct sink *sink, const struct message *message);
void sink_end(struct sink *sink, const struct trajectory *trajectory);

/* The steps and messages handed over so far belong to nothing; `why` is static or in scratch. */
void sink_refuse(struct sink *sink, struct str id, const char *why);
/* The trajectory of that id is used, but this is odd: two rewards that differ, … */
void sink_remark(struct sink *sink, struct str id, const char *what);

/* ---- for readers ---- */

/* What a member means as plain text: a string decoded, a number as it stands; empty for null. */
struct str sink_text(struct sink *sink, const struct scan_member *member);
/* The same for a JSON value. */
struct str sink_value(struct sink *sink, struct str value);

/* A number, or a text that is one ("0.5"); false for anything else. null: *out untouched, true. */
bool take_number(const struct scan_member *member, double *out);
/* The same, whole. */
bool take_whole(const struct scan_member *member, int64_t *out);
bool member_true(const struct scan_member *member); /* true, or the text "true" */

/* A member of an object that stands as JSON text; false if it is not there. */
bool member_of(struct str object, const char *name, struct scan_member *out);

static inline bool member_is(const struct scan_member *member, const char *name)
{
    return !member->escaped && str_is(member->key, name);
}

static inline bool member_is_list(const struct scan_member *member)
{
    return member->kind == SCAN_NESTED && member->value.p[0] == '[';
}

static inline bool member_is_object(const struct scan_member *member)
{
    return member->kind == SCAN_NESTED && member->value.p[0] == '{';
}

/* A question in words: a text, or the first user message of a chat; empty if it is neither. */
struct str sink_words(struct sink *sink, const struct scan_member *member);

/*
 * The name of what an action calls: its first word, up to a blank, bracket or
 * colon ("search[x]" is search). At most 64 bytes; "(text)" if there is no word.
 */
struct str action_name(struct str text);
/* Of a member that is an action: action_name(sink_text(sink, member)). */
struct str sink_action_name(struct sink *sink, const struct scan_member *member);

/*
 * A list of chat messages (OpenAI's roles, `tool_calls` or `function_call`,
 * answers by tool_call_id or in order): each is a message of the sink; each call
 * with its answer is a step, and so is an assistant's turn without a call, with
 * the user's reply as its observation. steps false: messages only.
 */
struct chat {
    bool ok;               /* a list of objects */
    struct str first_user; /* texts, JSON values */
    struct str second;     /* the message behind the first, whoever says it */
    struct str last_content;
    enum speaker last_role;
    struct str last_tool; /* name of the last call */
    size_t n;
};
struct chat sink_chat(struct sink *sink, struct str list, bool steps);

#endif
