#ifndef BENCH_EPISODES_H
#define BENCH_EPISODES_H
/*
 * Sets of agent trajectories, written to disk and read by the library: questions
 * that are nearly always or nearly never solved, episodes that loop, meet tool
 * errors or repeat themselves, and what only looks like it. Scored: the failure
 * rules, the classes of tool returns, what is said to go with failing.
 */
#include <stddef.h>
#include <stdint.h>

/* sets: so many clean ones, and as many with faults; 320 trajectories each. */
void episodes_print(const char *title, uint64_t seed, size_t sets);

#endif
