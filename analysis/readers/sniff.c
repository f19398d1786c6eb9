#include "analysis/readers/sniff.h"

#include "analysis/base/ascii.h"

struct str sniff_text(struct str head)
{
    if (str_starts(head, STR("\xef\xbb\xbf")))
        head = str_from(head, 3);
    while (head.n > 0 && (unsigned char)*head.p <= ' ')
        head = str_from(head, 1);
    return head;
}

const char *sniff_no_text(struct str head)
{
    size_t zeros = 0;

    if (str_starts(head, STR("\xff\xfe")) || str_starts(head, STR("\xfe\xff")))
        return "it is text in UTF-16; only UTF-8 is read";
    if (str_starts(head, STR("\x1f\x8b")) || str_starts(head, STR("\x28\xb5\x2f\xfd")) ||
        str_starts(head, STR("\xfd\x37zXZ")) || str_starts(head, STR("BZh")))
        return "it is compressed: unpack it to have it read";
    while (zeros < head.n && head.p[zeros] == '\0')
        zeros++;
    return zeros > 0 && zeros == head.n ? "it begins with nothing but zero bytes: its room was "
                                          "made, its content never written"
                                        : NULL;
}

bool sniff_pointer(struct str head)
{
    return str_starts(head, STR("version https://git-lfs"));
}

bool sniff_named(const char *name, const char *const *names)
{
    struct str text = str_of(name);

    for (; *names; names++) {
        if (**names == '*' ? str_ends(text, str_of(*names + 1))
                           : **names == *name && strcmp(name, *names) == 0)
            return true;
    }
    return false;
}

struct word {
    const char *text;
    unsigned char n;
    bool whole; /* counts only with no letter on either side of it */
};
#define PART(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1, false                                                              \
    }
#define WORD(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1, true                                                               \
    }

/* What names of metrics bear, by the first letter. */
static const struct word metric_words[26][7] = {
    ['a' - 'a'] = {PART("accuracy"), PART("advantage"), WORD("acc"), WORD("auc")},
    ['b' - 'a'] = {WORD("bleu"), WORD("bpb")},
    ['c' - 'a'] = {PART("clipfrac"), WORD("cer")},
    ['e' - 'a'] = {PART("entropy"), PART("eval"), PART("explained"), PART("episode"), WORD("err"),
                   WORD("error")},
    ['f' - 'a'] = {WORD("f1"), WORD("fps")},
    ['g' - 'a'] = {PART("grad")},
    ['i' - 'a'] = {WORD("iou")},
    ['k' - 'a'] = {WORD("kl")},
    ['l' - 'a'] = {PART("loss"), WORD("lr")},
    ['m' - 'a'] = {PART("metrics/"), WORD("map"), WORD("mse"), WORD("mae"), WORD("mfu")},
    ['n' - 'a'] = {WORD("nll")},
    ['p' - 'a'] = {PART("perplex"), PART("precision"), WORD("ppl")},
    ['r' - 'a'] = {PART("reward"), PART("return"), PART("rew"), PART("rouge"), PART("recall"),
                   WORD("rmse")},
    ['t' - 'a'] = {PART("throughput"), PART("train/"), WORD("tps")},
    ['v' - 'a'] = {PART("valid")},
    ['w' - 'a'] = {WORD("wer")},
};

/* The word stands at `at`; its first letter does already. */
static bool stands_at(struct str name, size_t at, const struct word *word)
{
    if (word->n > name.n - at)
        return false;
    for (size_t i = 1; i < word->n; i++) {
        if ((name.p[at + i] | 0x20) != word->text[i])
            return false;
    }
    size_t end = at + word->n;
    return !word->whole ||
           ((at == 0 || !is_letter(name.p[at - 1])) && (end == name.n || !is_letter(name.p[end])));
}

bool sniff_metric(struct str name)
{
    for (size_t at = 0; at < name.n; at++) {
        unsigned letter = (unsigned char)(name.p[at] | 0x20) - 'a';
        if (letter >= 26)
            continue;
        for (const struct word *word = metric_words[letter]; word->n > 0; word++) {
            if (stands_at(name, at, word))
                return true;
        }
    }
    return false;
}
