#include "analysis/trajectories/vocabulary.h"

#include "analysis/base/scan.h"

#include <criterion/criterion.h>
#include <stdio.h>

Test(vocabulary, A_09_A_10_endings_are_whole_words)
{
    static const struct {
        const char *word;
        enum end_class want;
    } rows[] = {
        {"finish", ENDING_FINISH},
        {"timeout", ENDING_TIMEOUT},
        {"max_steps", ENDING_TRUNCATION},
        {"success", ENDING_ENV_DONE},
        {"", ENDING_UNKNOWN},
        {"   ", ENDING_UNKNOWN},
        {"env_done", ENDING_ENV_DONE},
        {"unfinished", ENDING_UNKNOWN},
        {"timed out", ENDING_TIMEOUT},
        {"truncation", ENDING_TRUNCATION},
        {"max_iterations", ENDING_TRUNCATION},
        {"unsuccessful", ENDING_UNKNOWN},
        {"failed", ENDING_ERROR},
        {"error", ENDING_ERROR},
        {"Timed-Out", ENDING_TIMEOUT},
        {"not done", ENDING_UNKNOWN},
        {"abandoned", ENDING_UNKNOWN},
        {"timeout_finish", ENDING_UNKNOWN},
        {"max_steps_exceeded", ENDING_TRUNCATION},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum end_class got = end_class_of("trajectory_analyzer", str_of(rows[i].word));
        cr_expect(got == rows[i].want, "'%s': %s", rows[i].word, ending_names[got]);
    }
}

Test(vocabulary, words_of_one_format_mean_nothing_in_another)
{
    struct str word = STR("transfer_to_human_agents called");

    cr_expect(end_class_of("tau_bench", word) == ENDING_FINISH);
    cr_expect(end_class_of("rewards", word) == ENDING_UNKNOWN);
}

Test(vocabulary, A_13_A_14_A_15_returns)
{
    static const struct {
        const char *value; /* JSON as it stands */
        enum returned want;
    } rows[] = {
        {"\"\"", RETURN_EMPTY},
        {"\"   \"", RETURN_EMPTY},
        {"\"\\n\\t \"", RETURN_EMPTY},
        {"", RETURN_EMPTY},
        {"null", RETURN_EMPTY},
        {"\"Request timed out\"", RETURN_TIMEOUT},
        {"\"Connection refused\"", RETURN_CONNECTION},
        {"\"Connection timeout\"", RETURN_TIMEOUT},
        {"\"Traceback (most recent call last):\\n  File\"", RETURN_ERROR},
        {"\"HTTP 404\"", RETURN_ERROR},
        {"\"HTTP 404 Not Found\"", RETURN_ERROR},
        {"\"HTTP 4\"", RETURN_ERROR},
        {"\"http 200\"", RETURN_NORMAL},
        {"\"HTTP 504\"", RETURN_TIMEOUT},
        {"\"the connection between A and B\"", RETURN_NORMAL},
        {"\"The timeout parameter is 5 seconds.\"", RETURN_NORMAL},
        {"\"Error: payment amount does not add up\"", RETURN_ERROR},
        {"\"error: connection refused\"", RETURN_CONNECTION},
        {"\"Error:\"", RETURN_ERROR},
        {"\"errors were fixed\"", RETURN_NORMAL},
        {"\"ValueError: bad\"", RETURN_ERROR},
        {"\"requests.exceptions.HTTPError: 500\"", RETURN_ERROR},
        {"\"ok\"", RETURN_NORMAL},
        {"{\"result\": 3}", RETURN_NORMAL},
        {"[]", RETURN_NORMAL},
        {"\"failed\"", RETURN_ERROR},
        {"{\"error\": \"bad id\"}", RETURN_ERROR},
        {"\"{\\\"error\\\": \\\"bad id\\\"}\"", RETURN_ERROR},
        {"\"{'error': 'bad id'}\"", RETURN_ERROR},
        {"{\"error\":\"bad id\",\"result\":null}", RETURN_ERROR},
        {"{ \"Error\" : {\"code\": -32000}}", RETURN_ERROR},
        {"{\"error\": true}", RETURN_ERROR},
        {"{\"error\": [\"a\"]}", RETURN_ERROR},
        {"{\"error\": 404}", RETURN_ERROR},
        {"{\"error\": \"Timeout\"}", RETURN_TIMEOUT},
        {"{\"error\": \"connection refused\"}", RETURN_CONNECTION},
        {"{\"error\": null, \"result\": 3}", RETURN_NORMAL},
        {"\"{'error': None, 'result': 3}\"", RETURN_NORMAL},
        {"{\"error\": false}", RETURN_NORMAL},
        {"{\"error\": 0, \"rows\": []}", RETURN_NORMAL},
        {"{\"error\": \"\", \"result\": 3}", RETURN_NORMAL},
        {"{\"error\": \" \"}", RETURN_NORMAL},
        {"{\"error\": {}, \"result\": 3}", RETURN_NORMAL},
        {"{\"error\": [ ]}", RETURN_NORMAL},
        {"{\"errors\": 3}", RETURN_NORMAL},
        {"{\"error\": \"null pointer\"}", RETURN_ERROR},
        {"{\"error\": \"0 rows match\"}", RETURN_ERROR},
        {"{\"error\": \"a long text, which is no line for all its bytes, and so is not looked at "
         "for "
         "what may stand anywhere in it, as the word that it timed out would\"}",
         RETURN_ERROR},
        {"{\"result\": 3, \"error\": \"bad\"}", RETURN_NORMAL},
        {"{\"error\"}", RETURN_NORMAL},
        {"{\"error\":", RETURN_NORMAL},
        {"{", RETURN_NORMAL},
        {"\"failedness\"", RETURN_NORMAL},
    };
    bool malformed;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum returned got = return_of(str_of(rows[i].value), &malformed);
        cr_expect(got == rows[i].want, "%s: %s", rows[i].value, return_names[got]);
    }
    cr_expect(return_of(STR("\"Tool call parsing failed: no brace\""), &malformed) == RETURN_ERROR);
    cr_expect(malformed);
}

/* Long returns are judged by their beginning, not decoded: every row must still be found. */
Test(vocabulary, a_long_return_that_begins_like_a_row_is_that_row)
{
    static const struct {
        const char *phrase;
        bool start;
        enum returned class;
    } rows[] = {
#define START true
#define LINE false
#define MEMBER false
#define X(class, where, phrase) {phrase, where, RETURN_##class},
#include "analysis/trajectories/returns.def"
#undef X
#undef START
#undef LINE
#undef MEMBER
    };
    char value[600], rest[400];
    bool malformed;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(rest, 'x', sizeof(rest) - 1);
        rest[sizeof(rest) - 1] = '\0';
        snprintf(value, sizeof(value), "\" %s: %s\"", rows[i].phrase, rest);
        struct str decoded = {value + 1, strlen(value) - 2};
        enum returned want = rows[i].start ? rows[i].class : return_of_text(decoded);
        cr_expect(return_of(str_of(value), &malformed) == want, "%s", value);
        value[2] = (char)(value[2] >= 'a' ? value[2] - 32 : value[2]); /* upper case */
        cr_expect(return_of(str_of(value), &malformed) == want, "%s", value);
    }
}

/* The short way gives what the long one gives, wherever escapes and blanks stand. */
Test(vocabulary, a_long_return_is_what_its_decoded_text_is)
{
    static const char *const parts[] = {"word ", "\\n",  "\\t",  "\\u0020",    "\\u0074imed out ",
                                        "a",     "    ", "\\\\", "timed out ", "ValueError: x "};
    unsigned state = 5;
    bool malformed;

    for (int round = 0; round < 20000; round++) {
        char inside[700] = "", value[720], decoded[700];
        size_t n = 0, most = 100 + (size_t)round % 500;
        while (n < most) {
            state = state * 1664525u + 1013904223u;
            unsigned kind = state >> 16;
            const char *part = parts[kind % 7 ? (kind % 3 ? 0 : 5) : kind / 7 % 10];
            if (round % 3 == 0 && n > 60)
                part = parts[1 + kind % 3]; /* little but blanks, in many bytes */
            n += (size_t)snprintf(inside + n, sizeof(inside) - n, "%s", part);
        }
        snprintf(value, sizeof(value), "\"%s\"", inside);
        const char *from = inside + strspn(inside, " ");
        size_t left = strlen(from),
               m = scan_unescape((struct str){from, left < 512 ? left : 512}, decoded);
        enum returned want = return_of_text((struct str){decoded, m});
        cr_assert(return_of(str_of(value), &malformed) == want, "round %d: %s", round, value);
    }
}
