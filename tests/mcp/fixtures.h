#ifndef FIXTURES_H
#define FIXTURES_H
/*
 * A service made for tests: the fixtures that the official conformance suite
 * asks for by name, and tools that show what a server does while they run. It
 * has no data behind it, so whatever it answers wrongly is the protocol room's.
 */

#include "tools/service.h"

/* Stands in for the product's desk. Plain ints: only calls that write touch them, one at a time. */
struct desk {
    int writes, writing;
};

extern const struct tool *const fixture_tools[];
extern const struct resource_kind *const fixture_resources[];
extern const struct prompt *const fixture_prompts[];
extern const struct skill fixture_skills[];
extern const size_t fixture_skills_n;

#define FIXTURE_PNG                                                                                \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/"                    \
    "pLvAAAAAElFTkSuQmCC"

struct service fixture_service(struct desk *desk);

#endif
