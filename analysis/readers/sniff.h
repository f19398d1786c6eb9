#ifndef SNIFF_H
#define SNIFF_H
/* What bids on text files share. Nothing here keeps anything. */

#include "analysis/readers/reader.h"

/* Without the byte order mark and the blanks in front. */
struct str sniff_text(struct str head);

/* A stand-in of git-lfs: the content is not here, whatever the name says. */
bool sniff_pointer(struct str head);
#define POINTER_WHY "a pointer of git-lfs stands here, the content does not"

/* What the bytes say whatever the name does: UTF-16, compressed, nothing but zeros; NULL: nothing.
 */
const char *sniff_no_text(struct str head);

/* The name is one of a NULL-ended list; `*x` stands for names that end in x. */
bool sniff_named(const char *name, const char *const *names);

/* The name of a column or key bears a word that training logs use: loss, reward, acc, lr … */
bool sniff_metric(struct str name);

#endif
