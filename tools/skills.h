#ifndef SKILLS_H
#define SKILLS_H
/* The skills of skills/, embedded when the program is built (skills/embed.cmake). */

#include "tools/service.h"

extern const struct skill skills[];
extern const size_t skills_n;

#endif
