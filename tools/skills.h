#ifndef SKILLS_H
#define SKILLS_H
/*
 * The skills of skills/, embedded: skills/embed.cmake writes the table when the
 * program is built. Each skill has a SKILL.md, and its files are in name order.
 */

#include "tools/service.h"

extern const struct skill skills[];
extern const size_t skills_n;

#endif
