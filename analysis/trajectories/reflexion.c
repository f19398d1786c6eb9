/*
 * Reflexion (Shinn et al. 2023): env_results_trial_N.json, an array of {name,
 * memory, is_success}. A trial takes over the successes of the one before and
 * tries the rest again with what it remembers: trials are retries, counted as
 * epochs, and the number of successes is cumulative.
 */
#include "analysis/trajectories/reader.h"

static int bid(const struct candidate *file, const char **why)
{
    if (head_first(file) != '[' || !head_has(file, "name") || !head_has(file, "memory") ||
        !head_has(file, "is_success"))
        return 0;
    *why = "name, memory and is_success as Reflexion writes them";
    return 90;
}

static bool take_memory(struct str list, struct sink *sink)
{
    struct scan scan = scan_array(list);
    struct scan_member element;

    while (scan_element(&scan, &element)) /* they are put in front of the next try */
        sink_message(sink, &(struct message){.role = SPEAKER_USER, .text = element.value});
    return !scan.fault;
}

static void read(struct str record, struct sink *sink)
{
    struct trajectory t = trajectory_none();
    struct scan scan = scan_object(record);
    struct scan_member m;

    while (scan_next(&scan, &m)) {
        if (member_is(&m, "name"))
            t.question = sink_text(sink, &m);
        else if (member_is(&m, "is_success") && m.kind == SCAN_BOOL)
            t.reward = member_true(&m);
        else if (member_is(&m, "memory") && m.kind == SCAN_NESTED)
            (void)take_memory(m.value, sink);
    }
    t.sample = sink->origin.epoch;
    t.id = t.question;
    if (t.sample != NO_NUMBER)
        t.id = str_of(arena_printf(sink->scratch, "%.*s-trial-%lld", STR_FMT(str_cut(t.id, 400)),
                                   (long long)t.sample));
    if (scan.fault || t.question.n == 0 || isnan(t.reward)) {
        sink_refuse(sink, t.id,
                    scan.fault          ? scan.fault
                    : t.question.n == 0 ? "Missing required field: name"
                                        : "is_success must be true or false");
        return;
    }
    t.kind = TRIAL_RETRY;
    sink_remark(sink, t.id, "trials are retries that keep earlier successes, not samples");
    sink_end(sink, &t);
}

const struct trajectory_reader trajectory_reader_reflexion = {
    .name = "reflexion",
    .what = "Reflexion results, a file a trial: environments solved, with the memory so far.",
    .extensions = json_names,
    .bid = bid,
    .read = read,
};
