#ifndef WHEN_H
#define WHEN_H
/*
 * Points in time as whole milliseconds UTC. Texts are ISO 8601 as programs
 * write it; a text without a zone is read as UTC and says so. No locale, no
 * time zone database, no clock.
 */

#include "analysis/base/base.h"
#include "analysis/base/str.h"

#include <stdint.h>

#define WHEN_TEXT_MAX 32

/*
 * "2024-06-01", "2024-06-01T10:47:10", "… 10:47:10.123456+02:00", "…Z", also with a
 * blank or `t` for the T and without the colons. False, and nothing written, if
 * it is no such time or not one of the years 1 to 9999. Digits beyond
 * milliseconds are cut off. has_zone may be NULL.
 */
NODISCARD bool when_read(struct str text, int64_t *ms, bool *has_zone);

/* Below 1e10 seconds, else milliseconds; false if it is not finite or beyond the year 9999. */
NODISCARD bool when_number(double value, int64_t *ms);

/* The time an id begins with: YYYYMMDD-HHMMSS, not followed by another digit. */
NODISCARD bool when_in_id(struct str id, int64_t *ms);

/* "2024-06-01T10:47:10Z", with ".123" if it is not a whole second; returns the length. */
size_t when_print(int64_t ms, char out[WHEN_TEXT_MAX]);

#endif
