#include "analysis/readers/reader.h"
#include "analysis/readers/sniff.h"

#define X(name) extern const struct reader reader_##name;
#include "analysis/readers/readers.def"
#undef X

const struct reader *const readers[] = {
#define X(name) &reader_##name,
#include "analysis/readers/readers.def"
#undef X
    NULL};

enum { SURE = 100 }; /* nobody bids more */

const struct reader *reader_for(const struct probe *probe, struct arena *arena, struct bid *bid)
{
    const struct reader *best = NULL;
    struct probe_made made_once = {0};
    struct probe shared = *probe;

    shared.made = &made_once;
    *bid = (struct bid){0, ""};
    for (size_t i = 0; readers[i] && bid->score < SURE; i++) {
        struct bid made = readers[i]->bid(&shared, arena);

        if (made.score > bid->score) {
            best = readers[i];
            *bid = made;
        } else if (!best && made.why && !*bid->why) {
            bid->why = made.why; /* why it is not what its name says */
        }
    }
    if (!best && *bid->why && sniff_no_text(probe->head))
        bid->why = sniff_no_text(probe->head);
    return best;
}

bool reader_read(const struct reader *reader, const struct source *source, struct feed *feed,
                 struct err *err)
{
    const struct live_reading *live = reader->live;

    if (!live)
        return reader->read(source, feed, err);
    void *reading = live->open(feed);
    bool ok = live->more(reading, source, err) && live->rest(reading, source, err);
    live->close(reading);
    return ok;
}
