#ifndef NUMBER_H
#define NUMBER_H
/*
 * JSON numbers as text: read, skipped and printed, to the last bit and the same
 * in every place. Logs are mostly numbers, so reading must be quick: three to
 * six times as quick as strtod, with which it agrees bit for bit.
 *
 * A number is what RFC 8259 says, exactly: no leading zeros, no plus sign, a
 * digit on both sides of the point, no NaN and no Infinity. number_read and
 * number_skip take the longest beginning of `text` that is one ("01" takes 1
 * byte, "1.e5" takes 1, "-" none) and look at nothing behind text.n; whether
 * what follows may stand there is for the caller to check.
 */

#include "analysis/base/str.h"

#define NUMBER_AHEAD 48
#define NUMBER_TEXT_MAX 32 /* the longest printed number has 24 bytes: -1.2345678901234567e-308 */

/*
 * How many bytes the number takes, and the nearest double (of two equally near
 * the even one). Too large becomes +-inf, too small +-0. 0 bytes if there is no
 * number; *value is untouched then.
 */
size_t number_read(struct str text, double *value);
/* Is all of it one number? Empty text is none. *value is untouched if it is not. */
static inline bool number_is(struct str text, double *value)
{
    double read;

    if (text.n == 0 || number_read(text, &read) != text.n)
        return false;
    *value = read;
    return true;
}
/* The same where NUMBER_AHEAD bytes from text.p on are readable, of any content: mostly quicker. */
size_t number_read_ahead(struct str text, double *value);

/* What number_read would take, in half to four fifths of the time: for columns nobody wants. */
size_t number_skip(struct str text);

/*
 * The shortest of %.15g, %.16g and %.17g that reads back as the same double,
 * with a NUL; returns its length. It is a JSON number if value is finite. If
 * not, it is NaN, Infinity or -Infinity, which the caller keeps out of JSON.
 */
size_t number_print(double value, char out[NUMBER_TEXT_MAX]);

#endif
