#ifndef ANALYSIS_FILE_H
#define ANALYSIS_FILE_H
/*
 * The analysis of one run as a Markdown file of a fixed layout: verdict, evidence
 * table, findings, recommendations, limitations, capacity, win rate (where a
 * judge's result exists), how to check. Everything in it comes from the analysis
 * and the coverage; the same input gives the same bytes.
 */

#include "analysis/analyze.h"

#define ANALYSIS_FILE "analysis.md"

/* The first line, by which a file is known as ours. */
#define ANALYSIS_MARK "<!-- postrun analysis: written anew by write_analysis, edits are lost -->\n"

void analysis_file_text(const struct analysis *analysis, const struct coverage *coverage,
                        struct arena *arena, struct buf *out);

#endif
