#include "analysis/detectors/detector.h"

#define X(name) extern const struct detector detector_##name;
#include "analysis/detectors/detectors.def"
#undef X

const struct detector *const detectors[] = {
#define X(name) &detector_##name,
#include "analysis/detectors/detectors.def"
#undef X
    NULL};

void detector_run(const struct detector *detector, const struct subject *subject,
                  struct findings *out)
{
    struct subject seen = *subject;
    struct arena scratch;

    arena_init_beside(&scratch, subject->arena);
    seen.arena = &scratch;
    detector->run(&seen, out);
    arena_fini(&scratch);
}
