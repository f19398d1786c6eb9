#ifndef CLIENT_H
#define CLIENT_H
/*
 * Calls tools as a client does, without a protocol: arguments and answers as
 * JSON. The desk stands on the bundled runs and a reports directory of its own.
 */

#include "tools/answer.h"
#include "tools/desk.h"

struct client {
    struct desk *desk;
    struct arena arena;
    char reports[64];
    struct err err; /* of the last call that failed */
};

/* Where the sources are: $POSTRUN_SOURCE, else the current directory. */
const char *source_path(struct arena *arena, const char *below);

void client_open(struct client *client, const char *experiments); /* NULL: the bundled runs */
void client_close(struct client *client);

/* The answer as a tree; NULL: the tool failed, client->err says why. Arguments with $X are filled
 * in. */
const struct json *client_call(struct client *client, const char *tool, const char *arguments);

/* The same of a tool that must not fail: the test ends if it does. The whole answer as text. */
const struct json *client_ask(struct client *client, const char *tool, const char *arguments);
const char *client_said(struct client *client, const char *tool, const char *arguments);

/* NAME of an answer as text, number; fail the test if it is not there. */
const char *member_text(struct client *client, const struct json *v, const char *name);
double member_number(const struct json *v, const char *name);

/* What stands at "name/name/…" of an answer; NULL, NAN: nothing, or no number. */
const struct json *member_at(const struct json *v, const char *path);
double number_at(const struct json *v, const char *path);

#endif
