#ifndef SITE_H
#define SITE_H
/* A folder of the test's own, which it fills with runs, and a client on it. */

#include "tests/support/client.h"
#include "tests/support/tmpdir.h"

struct site {
    struct client client;
    struct tmpdir dir;
};

static inline void site_open(struct site *site)
{
    tmpdir_make(&site->dir);
    client_open(&site->client, site->dir.path);
}

static inline void site_close(struct site *site)
{
    client_close(&site->client);
    tmpdir_remove(&site->dir);
}

#endif
