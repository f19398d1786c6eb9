/* Errors one by one, for the open sets. */
#include "tests/bench/detection/judge.h"

#include <stdio.h>

void judge_list(const struct bench *b, const struct run *run, enum class_id class,
                const struct finding *f)
{
    const struct label *l = &run->label[class];

    printf("%zu: %s, effect %.4g, onset %.6g;", b->at, l->truth == TRUTH_YES ? "missed" : "false",
           l->effect, l->onset);
    for (size_t i = 0; i < run->families_n; i++)
        printf(" %s", run->families[i]);
    for (size_t i = 0; i < run->series_n; i++)
        printf(" %.*s[%zu]", STR_FMT(run->series[i].name), run->series[i].n);
    if (!f) {
        printf("\n    nothing is said\n");
        return;
    }
    printf("\n    %s %.2f: %s\n   ", finding_status_name(f->status), f->confidence, f->sentence);
    for (size_t i = 0; i < f->evidence.values.n; i++)
        printf(" %s %.4g", f->evidence.values.v[i].name, f->evidence.values.v[i].value);
    printf("\n");
}
