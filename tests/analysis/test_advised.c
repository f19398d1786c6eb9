/* What advice is about, and advice that would change nothing. */
#include "analysis/advised.h"

#include "analysis/say.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

Test(advised, keys_of_configurations_are_the_rate_whatever_their_case)
{
    cr_expect(advised_setting("LEARNING_RATE_SCHEDULER.BASE_LR") == ADVISED_RATE);
    cr_expect(advised_setting("lr") == ADVISED_RATE &&
              advised_setting("learning rate") == ADVISED_RATE);
    cr_expect(advised_setting("learning rate of the value function") == ADVISED_OTHER);
    cr_expect(advised_same("max_steps", "number of steps") && !advised_same("max_steps", "lr"));
    cr_expect(advised_same("prompts", "prompts") && !advised_same("prompts", "checkpoint"));
}

Test(advised, more_training_is_a_larger_length_or_going_on)
{
    static const struct {
        struct advice advice;
        bool more;
    } rows[] = {
        {{.key = "max_steps", .from = "100", .to = "200"}, true},
        {{.key = "max_steps", .from = "200", .to = "100"}, false},
        {{.key = "num_epochs", .from = "2.5", .to = "3"}, true},
        {{.key = "trainer.max_epochs", .from = "2", .to = "3"}, true},
        {{.key = "EPOCHS", .from = "2", .to = "3"}, true},
        {{.key = "epochs of the value function", .from = "2", .to = "3"}, false},
        {{.key = "number of steps", .to = "200"}, false},
        {{.key = "number of steps of the schedule", .from = "100", .to = "200"}, false},
        {{.key = "start the decay of the learning rate now, over", .to = "100 steps"}, true},
        {{.key = "lr", .from = "1", .to = "2"}, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_expect(advised_more(&rows[i].advice) == rows[i].more, "row %zu: %s", i,
                  rows[i].advice.key);
}

Test(advised, what_was_run_is_no_advice)
{
    static const struct {
        const char *from, *to;
        bool kept;
    } rows[] = {
        {"2", "2", false},
        {"2", "2.0", false},
        {"1e-3", "0.001", false},
        {"2", "1", true},
        {NULL, "2", true},
        {"2", NULL, true},
        {"cosine", "cosine", false},
        {"cosine", "constant", true},
        {"2", "2, or more data", true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;

        made_init(&made, EXPERIMENT_LM);
        struct said said = {&made.found, finding_add(&made.found, "class", FINDING_FOUND)};
        say_advice(said, (struct advice){.key = "k", .from = rows[i].from, .to = rows[i].to});
        cr_expect((said.finding->advice != NULL) == rows[i].kept, "row %zu", i);
        made_fini(&made);
    }
}
