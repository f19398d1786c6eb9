#include "analysis/readers/sniff.h"

struct str sniff_text(struct str head)
{
    if (str_starts(head, STR("\xef\xbb\xbf")))
        head = str_from(head, 3);
    while (head.n > 0 && (unsigned char)*head.p <= ' ')
        head = str_from(head, 1);
    return head;
}

bool sniff_pointer(struct str head)
{
    return str_starts(head, STR("version https://git-lfs"));
}

bool sniff_named(const char *name, const char *const *names)
{
    for (; *names; names++) {
        if (**names == '*' ? str_ends(str_of(name), str_of(*names + 1)) : strcmp(name, *names) == 0)
            return true;
    }
    return false;
}

static bool is_letter(char c)
{
    return (unsigned char)((c | 0x20) - 'a') < 26;
}

static bool begins(struct str s, size_t at, const char *word)
{
    for (; *word; word++, at++) {
        if (at >= s.n || (s.p[at] | 0x20) != *word)
            return false;
    }
    return true;
}

bool sniff_metric(struct str name)
{
    /* Anywhere in a name; those of a few letters only as a word of their own. */
    static const char *const parts[] = {
        "loss",      "accuracy",   "reward",  "return",    "rew",      "learning_rate", "grad",
        "entropy",   "perplex",    "rouge",   "precision", "recall",   "val_",          "eval",
        "valid",     "throughput", "_per_s",  "explained", "metrics/", "train/",        "episode",
        "clip_frac", "clipfrac",   "std_dev", "advantage", NULL};
    static const char *const words[] = {"acc", "lr",    "kl",  "ppl",  "bleu", "f1",  "auc", "map",
                                        "iou", "mse",   "mae", "rmse", "fps",  "tps", "mfu", "bpb",
                                        "err", "error", "nll", "cer",  "wer",  NULL};

    for (size_t at = 0; at < name.n; at++) {
        for (size_t i = 0; parts[i]; i++) {
            if (begins(name, at, parts[i]))
                return true;
        }
        if (at > 0 && is_letter(name.p[at - 1]))
            continue;
        for (size_t i = 0; words[i]; i++) {
            size_t end = at + strlen(words[i]);
            if (begins(name, at, words[i]) && (end >= name.n || !is_letter(name.p[end])))
                return true;
        }
    }
    return false;
}
