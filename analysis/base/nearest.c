#include "analysis/base/nearest.h"

#include <stdint.h>

#include <ctype.h>

enum { LONGEST = 64 };

static int lower(struct str s, size_t at)
{
    return tolower((unsigned char)s.p[at]);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t name_distance(struct str a, struct str b)
{
    size_t rows[3][LONGEST + 1];
    size_t *two_back = rows[0], *back = rows[1], *row = rows[2];

    a = str_cut(a, LONGEST);
    b = str_cut(b, LONGEST);
    for (size_t j = 0; j <= b.n; j++)
        back[j] = two_back[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t change = lower(a, i - 1) != lower(b, j - 1);
            row[j] = least(least(back[j] + 1, row[j - 1] + 1), back[j - 1] + change);
            if (i > 1 && j > 1 && lower(a, i - 1) == lower(b, j - 2) &&
                lower(a, i - 2) == lower(b, j - 1))
                row[j] = least(row[j], two_back[j - 2] + 1);
        }
        size_t *oldest = two_back;
        two_back = back;
        back = row;
        row = oldest;
    }
    return back[b.n];
}

bool name_is_near(struct str written, struct str known, size_t distance)
{
    if (written.n >= 3 && (str_has(known, written) || (known.n >= 3 && str_has(written, known))))
        return true;
    size_t longer = written.n > known.n ? written.n : known.n;

    return distance * 3 <= longer;
}

const char *name_nearest(struct str written, const char *const *known, size_t n)
{
    const char *nearest = NULL;
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < n; i++) {
        size_t distance = name_distance(written, str_of(known[i]));
        if (distance < best && name_is_near(written, str_of(known[i]), distance)) {
            best = distance;
            nearest = known[i];
        }
    }
    return nearest;
}
