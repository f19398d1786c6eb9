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

/* The words that a metric's name bears, by their first letter; '=': only as a word of its own. */
static const char *const metric_words[26] = {
    ['a' - 'a'] = "accuracy advantage =acc =auc",
    ['b' - 'a'] = "=bleu =bpb",
    ['c' - 'a'] = "clipfrac =cer",
    ['e' - 'a'] = "entropy eval explained episode =err =error",
    ['f' - 'a'] = "=f1 =fps",
    ['g' - 'a'] = "grad",
    ['i' - 'a'] = "=iou",
    ['k' - 'a'] = "=kl",
    ['l' - 'a'] = "loss =lr",
    ['m' - 'a'] = "metrics/ =map =mse =mae =mfu",
    ['n' - 'a'] = "=nll",
    ['p' - 'a'] = "perplex precision =ppl",
    ['r' - 'a'] = "reward return rew rouge recall =rmse",
    ['t' - 'a'] = "throughput train/ =tps",
    ['v' - 'a'] = "valid",
    ['w' - 'a'] = "=wer",
};

/* One of the words, parted by blanks, begins the text; at_word: no letter stands before it. */
static bool begins_with_one(struct str text, const char *words, bool at_word)
{
    for (;;) {
        bool whole = *words == '=';
        size_t n = 0, same = 0;
        for (words += whole; words[n] > ' '; n++)
            same += same == n && n < text.n && (text.p[n] | 0x20) == words[n];
        if (same == n && (!whole || (at_word && (n == text.n || !is_letter(text.p[n])))))
            return true;
        if (!words[n])
            return false;
        words += n + 1;
    }
}

bool sniff_metric(struct str name)
{
    for (size_t at = 0; at < name.n; at++) {
        unsigned letter = (unsigned char)(name.p[at] | 0x20) - 'a';
        const char *words = letter < 26 ? metric_words[letter] : NULL;
        if (words && begins_with_one(str_from(name, at), words,
                                     at == 0 || !is_letter(name.p[at - 1])))
            return true;
    }
    return false;
}
