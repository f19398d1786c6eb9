#ifndef TRAJECTORY_USUAL_H
#define TRAJECTORY_USUAL_H
/*
 * Objects that a program writes again and again: what stands between one value
 * and the next (`,"reward":`) is mostly what stood there in the object before. So
 * it is compared with that, not parsed, and which of the reader's names it is was
 * found out once. Gives exactly what scan_next_open (scan.h) gives: whatever is
 * not as usual, and every fault, is left to that.
 *
 *     struct usual_place place = {.tape = tape};
 *     while (usual_next(usual, &place, names, &scan, &member))
 *         switch (place.name) …
 */

#include "analysis/base/scan.h"
#include "analysis/base/tape.h"

enum { USUAL_MEMBERS = 24, USUAL_LEAD = 32, USUAL_OTHER = -1 };

struct usual_member {
    char lead[USUAL_LEAD]; /* from the end of the value before to the value */
    unsigned char n;       /* bytes of it; 0: not known yet */
    unsigned char key, key_n;
    short name;
};

/* One kind of object of one file. All zero at first. */
struct usual {
    struct usual_member v[USUAL_MEMBERS]; /* in the order of the last object, as far as it went */
};

struct usual_place {
    struct tape *tape; /* of the text the object stands in */
    size_t at;         /* of the next member */
    int name;          /* of the member given: its place in names, or USUAL_OTHER */
};

/* names: NULL-ended, the same for each call with this `usual`. */
bool usual_next(struct usual *usual, struct usual_place *place, const char *const *names,
                struct scan *scan, struct scan_member *out);

#endif
