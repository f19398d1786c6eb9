#include "analysis/detectors/detector.h"

#define X(name) extern const struct detector detector_##name;
#include "analysis/detectors/detectors.def"
#undef X

const struct detector *const detectors[] = {
#define X(name) &detector_##name,
#include "analysis/detectors/detectors.def"
#undef X
    NULL};
