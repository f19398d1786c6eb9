#include "analysis/trajectories/vocabulary.h"

#include <criterion/criterion.h>

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
