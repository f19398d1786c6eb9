/*
 * Days from and to dates: Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms" (2013). Years begin on March 1st, so that the leap day is the
 * last of its year and a month's first day is a linear function of its number.
 */
#include "analysis/when.h"

#include <math.h>
#include <stdio.h>

#include "analysis/base/banned.h"

enum { DAYS_PER_ERA = 146097, DAYS_TO_1970 = 719468 }; /* era: 400 years; from 0000-03-01 */

static const int64_t day_ms = 86400000, latest_ms = 253402300799999; /* 9999-12-31T23:59:59.999Z */
static const int64_t earliest_ms = -62135596800000;                  /* 0001-01-01T00:00:00Z */

static int64_t days_from_date(int64_t year, int month, int day)
{
    if (month <= 2)
        year--;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970;
}

static void date_from_days(int64_t days, int *year, int *month, int *day)
{
    days += DAYS_TO_1970;
    int64_t era = (days >= 0 ? days : days - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t of_era = days - era * DAYS_PER_ERA;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;

    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (*month <= 2));
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* Takes exactly `digits` digits off the front. */
static bool take(struct str *s, size_t digits, int *out)
{
    int value = 0;

    if (s->n < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        value = value * 10 + (s->p[i] - '0');
    }
    *out = value;
    *s = str_from(*s, digits);
    return true;
}

static bool skip(struct str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = str_from(*s, 1);
    return true;
}

static bool take_date(struct str *s, int64_t *days)
{
    int year, month, day;

    if (!take(s, 4, &year))
        return false;
    bool dashed = skip(s, '-');
    if (!take(s, 2, &month) || (dashed && !skip(s, '-')) || !take(s, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_from_date(year, month, day);
    return true;
}

/* hh:mm[:ss[.fff…]] or the same without colons; a leap second counts as the next one. */
static bool take_clock(struct str *s, int64_t *ms)
{
    int hour, minute, second = 0, thousandths = 0, scale = 100;

    if (!take(s, 2, &hour))
        return false;
    bool colons = skip(s, ':');
    if (!take(s, 2, &minute))
        return false;
    if (colons ? skip(s, ':') : s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9') {
        if (!take(s, 2, &second))
            return false;
        if (s->n > 1 && (s->p[0] == '.' || s->p[0] == ',') && s->p[1] >= '0' && s->p[1] <= '9') {
            for (*s = str_from(*s, 1); s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9';
                 *s = str_from(*s, 1), scale /= 10)
                thousandths += (s->p[0] - '0') * scale;
        }
    }
    *ms = ((int64_t)hour * 3600 + minute * 60 + second) * 1000 + thousandths;
    return minute < 60 && second <= 60 && (hour < 24 || (hour == 24 && *ms == day_ms));
}

static bool take_zone(struct str *s, int64_t *offset_ms, bool *has_zone)
{
    int hours, minutes = 0;

    *offset_ms = 0;
    *has_zone = true;
    if (skip(s, 'Z') || skip(s, 'z'))
        return true;
    int sign = skip(s, '+') ? 1 : skip(s, '-') ? -1 : 0;
    if (sign == 0) {
        *has_zone = false;
        return true;
    }
    if (!take(s, 2, &hours))
        return false;
    if ((skip(s, ':') || s->n > 0) && !take(s, 2, &minutes))
        return false;
    *offset_ms = sign * ((int64_t)hours * 60 + minutes) * 60000;
    return hours < 24 && minutes < 60;
}

bool when_read(struct str text, int64_t *ms, bool *has_zone)
{
    int64_t days, clock = 0, offset = 0;
    bool zone = false;

    text = str_trim(text);
    if (!take_date(&text, &days))
        return false;
    if (skip(&text, 'T') || skip(&text, 't') || skip(&text, ' ')) {
        if (!take_clock(&text, &clock) || !take_zone(&text, &offset, &zone))
            return false;
    }
    int64_t when = days * day_ms + clock - offset;
    if (text.n > 0 || when < earliest_ms || when > latest_ms)
        return false;
    *ms = when;
    if (has_zone)
        *has_zone = zone;
    return true;
}

bool when_number(double value, int64_t *ms)
{
    double scaled = fabs(value) < 1e10 ? value * 1000 : value;

    if (!(scaled >= (double)earliest_ms && scaled <= (double)latest_ms)) /* NaN, too */
        return false;
    *ms = (int64_t)floor(scaled);
    return true;
}

bool when_in_id(struct str id, int64_t *ms)
{
    int64_t days, clock;
    struct str date = str_cut(id, 8), time = str_cut(str_from(id, 9), 6);

    if (id.n < 15 || id.p[8] != '-' || (id.n > 15 && id.p[15] >= '0' && id.p[15] <= '9'))
        return false;
    if (!take_date(&date, &days) || date.n > 0 || !take_clock(&time, &clock) || time.n > 0)
        return false;
    *ms = days * day_ms + clock;
    return true;
}

size_t when_print(int64_t ms, char out[WHEN_TEXT_MAX])
{
    int64_t days = ms / day_ms - (ms % day_ms < 0), of_day = ms - days * day_ms;
    int year, month, day, second = (int)(of_day / 1000), rest = (int)(of_day % 1000);

    date_from_days(days, &year, &month, &day);
    int n = snprintf(out, WHEN_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day,
                     second / 3600, second / 60 % 60, second % 60);
    if (rest)
        n += snprintf(out + n, WHEN_TEXT_MAX - (size_t)n, ".%03d", rest);
    n += snprintf(out + n, WHEN_TEXT_MAX - (size_t)n, "Z");
    return (size_t)n;
}
