/* Lines of a known shape (logkind.h) give what reading each of them gives. */
#include "tests/support/place.h"

#include <math.h>

static struct place place;

static void set_up(void)
{
    place_init(&place);
}

static void tear_down(void)
{
    place_fini(&place);
}

TestSuite(console, .init = set_up, .fini = tear_down);

/* A terminal's "plain text from here on" behind each line: such lines are of no known shape. */
static const struct fed *read_coloured(const char *text)
{
    struct str rest = str_of(text), line;
    struct buf out = {0};

    while (str_next(&rest, '\n', &line))
        buf_printf(&out, "%.*s\033[0m\n", STR_FMT(line));
    const struct fed *fed = place_read(&place, "coloured.log", buf_str(&out));
    buf_fini(&out);
    return fed;
}

static bool same_value(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* The first point at which they differ, -1 if there is none. */
static int64_t differ_at(struct fed_points a, struct fed_points b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        if (a.step[i] != b.step[i] || !same_value(a.value[i], b.value[i]))
            return (int64_t)i;
    }
    return a.n == b.n ? -1 : (int64_t)(a.n < b.n ? a.n : b.n);
}

static void expect_same_column(const struct fed *a, const struct fed *b, size_t i, const char *text)
{
    const struct column *x = a->table->column[i], *y = b->table->column[i];
    const char *name = arena_text(&place.arena, x->name);
    int64_t at = differ_at(fed_points(a, name, &place.arena), fed_points(b, name, &place.arena));

    cr_expect(str_eq(x->name, y->name) && x->nulls == y->nulls && x->others == y->others && at < 0,
              "%s of %.60s differs at point %d", name, text, (int)at);
}

static bool same_facts(const struct fed *a, const struct fed *b)
{
    bool same = a->notes_n == b->notes_n;

    for (int i = 0; i < FACTS; i++)
        same &= str_eq(str_of(a->fact[i]), str_of(b->fact[i]));
    return same;
}

static void expect_same(const char *text, size_t rows)
{
    const struct fed *a = place_read(&place, "train.log", str_of(text)), *b = read_coloured(text);

    cr_assert(a && b && a->table->columns_n == b->table->columns_n, "%.60s", text);
    cr_expect(a->table->tally.rows == rows && b->table->tally.rows == rows,
              "%.60s: %zu and %zu rows", text, a->table->tally.rows, b->table->tally.rows);
    cr_expect(same_facts(a, b), "%.60s: other facts or notes", text);
    for (size_t i = 0; i < a->table->columns_n; i++)
        expect_same_column(a, b, i, text);
}

Test(console, lines_of_a_known_shape_give_what_reading_each_gives)
{
    static const struct {
        size_t rows;
        const char *text;
    } rows[] = {
        {6, "step:1/10 train_loss:10.5 train_time:12ms step_avg:nanms\n"
            "step:2/10 train_loss:9.25 train_time:13ms step_avg:6.5ms\n"
            "step:3/10 train_loss:8.125 train_time:140ms step_avg:46.67ms\n"
            "step:4/10 train_loss:-1e-5 train_time:1,400ms step_avg:46.67ms\n"
            "step:5/10 train_loss:7 train_time:15s step_avg:46.67ms\n"
            "step:6/10 train_loss:7. train_time:0016ms step_avg:+46ms\n"},
        {5, "iter 0: loss 10.5, time 12.5ms, mfu -100.00%\n"
            "iter 1: loss 9.5, time 1.5ms, mfu 30.00%\n"
            "iter 1,000: loss  8.5, time 1.5ms, mfu 31.00%\n"
            "iter 2000.5: loss 1, time 2ms, mfu 3%\n"
            "iter 002: loss 8, time 1.5ms, mfu 32.00% \n"
            "iter 3: loss8, time 1.5ms, mfu 32.00%\n"
            "iter 4: loss 8 9, time 1.5ms, mfu 33.00%\n"},
        {4, "[rank0]:2024-12-01 10:00:00,123 - root - INFO - step:  1  loss: 12.5  memory: "
            "30.5GiB(38.1%)  tps: 5,123  mfu: 1.5%\n"
            "[rank0]:2024-12-01 10:00:07,456 - root - INFO - step: 10  loss:  2.5  memory: "
            "31.5GiB(9.25%)  tps: 512  mfu: 11.5%\n"
            "[rank0]:2024-12-01 10:00:07,456 - root - INFO - step: 100  loss:  2.5  memory: "
            "31.5GiB(9.25%)  tps: 1,234,567  mfu: 11.5%\n"
            "[rank1]:2024-12-01 10:00:07,456 - root - INFO - step: 101  loss:  2.5  memory: "
            "31.5GiB(about 9%)  tps: 1,234,567  mfu: 11.5%\n"},
        {5, "{'loss': 2.5, 'learning_rate': 1e-05, 'epoch': 0.1}\n"
            "{'loss': 2.25, 'learning_rate': 9.5e-06, 'epoch': 0.2}\n"
            "{'loss': nan, 'learning_rate': 9e-06, 'epoch': 0.3}\n"
            "{'loss': '2.125', 'learning_rate': '8e-06', 'epoch': '0.4'}\n"
            "{'loss': '2.0', 'learning_rate': '7e-06', 'epoch': '0.5'}\n"
            "{'loss': ' 2', 'learning_rate': '7e-06', 'epoc': '0.5'}\n"},
        {5, "{'loss': 2.5, 'step': 3, 'epoch': 0.1}\n"
            "{'loss': 2.5, 'step': 4, 'epoch': 0.1}\n"
            "{'loss': 2.5, 'step': 4.5, 'epoch': 0.1}\n"
            "{'loss': 1.5, 'step': 50, 'epoch': 0.2}\n"
            "{'train_runtime': 12.5, 'train_loss': 2.0, 'epoch': 0.2}\n"},
        {5, " iteration        1/     100 | consumed samples:          256 | lr: 1.0E-05 | "
            "lm loss: 1.1E+01 | skipped iterations:   0 |\n"
            " iteration       20/     100 | consumed samples:         5120 | lr: 1.5E-05 | "
            "lm loss: 1.0E+01 | skipped iterations:   0 |\n"
            " iteration       30/     200 | consumed samples:         5220 | lr: 1.5E-05 | "
            "lm loss: 1.0E+01 | skipped iterations:   1 |\n"
            " iteration       31/     200 | consumed samples: 5,220 | lr: 15 | lm loss: 10.0.1 | "
            "skipped iterations:  12 |\n"
            " iteration       40/     200 | consumed samples:         5320 | lr: 1.5E-05 | "
            "lm loss: inf | skipped iterations:   1 |\n"},
        {4, "step 0 loss 4.0 lr 1.0e-04\n"
            "step 10 loss 3.9250 lr 1.0e-04\n"
            "step 20 loss nan lr 1.0e-04\n"
            "step 30 loss 3.5 lr\n"
            "step 40 loss 3.25 lr 1e-3\n"},
        {4, "step 5 (10%) loss1: 1, loss2: 2.5K\n"
            "step 6 (20%) loss1: 3, loss2: 2K\n"
            "step 7 (100%) loss1: 3, loss2: 20\n"
            "step 8 (far too long a number: 100%) loss1: 3, loss2: 20\n"},
        {3, "step:1 loss:1,acc:2 a (3): 4\n"
            "step:2 loss:1,555,acc:2 a (3): 4\n"
            "step:3 loss:10,acc:25 a (7): 5\n"},
        {6, "Epoch 1, lr: 0.5\n"
            "Epoch 1, lr: 0.25\n"
            "Epoch 1, Step 1/2, loss: 2\n"
            "Epoch 1, lr: 0.125\n"
            "Epoch 2, lr: 0.125\n"
            "Epoch 2, Step 1/2, loss: 1\n"},
        {3, "Epoch [1/3], Loss: 0.5, Acc: 10/100\n"
            "Epoch [2/3], Loss: 0.25, Acc: 20/100\n"
            "Epoch [3/3], Loss: 0.125, Acc: 100/100\n"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_same(rows[i].text, rows[i].rows);
}

Test(console, a_long_log_of_two_kinds_of_line_is_read_to_its_end)
{
    struct buf text = {0};

    for (int i = 0; i < 50000; i++) {
        if (i % 100 == 0)
            buf_printf(&text, "step %d: train loss %d.25, val loss %d.5\n", i, i % 7, i % 5);
        buf_printf(&text, "iter %d: loss %d.5, time %dms\n", i, i % 7, i % 13);
    }
    const struct fed *fed = place_read(&place, "train.log", buf_str(&text));
    cr_assert(fed && place.ok);
    struct fed_points loss = fed_points(fed, "loss", &place.arena);
    cr_assert(loss.n == 50000 && fed_points(fed, "val_loss", &place.arena).n == 500);
    for (size_t i = 0; i < loss.n; i++)
        cr_expect(loss.step[i] == (int64_t)i && loss.value[i] == (double)(i % 7) + 0.5);
    buf_fini(&text);
}

/* Which rows are read of logs whose steps begin again. */
Test(console, of_runs_one_after_another_the_last_is_read)
{
    static const struct {
        const char *what, *text;
        size_t rows;
        int64_t runs; /* 1: nothing is said of runs */
    } rows[] = {
        {"two, and the second one not at its end",
         "step:0/2 val_loss:10\nstep:1/2 val_loss:6\nstep:2/2 val_loss:5\n"
         "step:0/2 val_loss:10.1\nstep:1/2 val_loss:6\n",
         2, 2},
        {"three",
         "step:1/2 loss:10\nstep:2/2 loss:5\nstep:1/2 loss:9.5\nstep:2/2 loss:5\n"
         "step:1/2 loss:10.5\nstep:2/2 loss:4\n",
         2, 3},
        {"a crash before the end, begun again",
         "step:0/9 val_loss:10\nstep:5/9 val_loss:6\nstep:0/9 val_loss:10\nstep:9/9 val_loss:5\n",
         4, 1},
        {"a checkpoint behind the end",
         "step:0/2 val_loss:10\nstep:2/2 val_loss:5\nstep:1/2 val_loss:6\nstep:2/2 val_loss:5\n", 4,
         1},
        {"another plan: an evaluation",
         "step:1/2 loss:10\nstep:2/2 loss:5\nstep:1/5 loss:10\nstep:2/5 loss:4\n", 4, 1},
        {"an epoch goes on from where the last one was",
         "step:1/2 loss:10\nstep:2/2 loss:5\nstep:1/2 loss:4.9\nstep:2/2 loss:4\n", 4, 1},
        {"epochs are counted between",
         "Epoch 1/2\nstep:1/2 loss:10\nstep:2/2 loss:5\nEpoch 2/2\nstep:1/2 loss:10\n"
         "step:2/2 loss:4\n",
         4, 1},
        {"epochs are counted in the rows",
         "step:1/2 loss:10 epoch:1\nstep:2/2 loss:5 epoch:1\nstep:1/2 loss:10 epoch:2\n"
         "step:2/2 loss:4 epoch:2\n",
         4, 1},
        {"the Trainer's last line, and epochs go back",
         "{'loss': 2.5, 'epoch': 1.0}\n{'loss': 2.0, 'epoch': 2.0}\n"
         "{'train_runtime': 9.5, 'train_loss': 2.2, 'epoch': 2.0}\n{'eval_loss': 2.1, 'epoch': "
         "2.0}\n"
         "{'loss': 2.25, 'epoch': 1.0}\n",
         1, 2},
        {"an evaluation behind the end, at an epoch of before",
         "{'loss': 2.5, 'epoch': 1.0}\n{'loss': 2.0, 'epoch': 2.0}\n"
         "{'train_runtime': 9.5, 'train_loss': 2.2, 'epoch': 2.0}\n{'eval_loss': 2.1, 'epoch': "
         "0.0}\n",
         4, 1},
        {"a summary on the way, and a restart before the end",
         "step 1/9 | loss 4\nval_bpb: 2.5\nstep 2/9 | loss 3\nval_bpb: 2.25\nstep 1/9 | loss 4\n",
         5, 1},
        {"a summary on the way, without a plan",
         "step 1 | loss 4\nval_bpb: 2.5\nstep 2 | loss 3\nstep 3 | loss 3\nstep 1 | loss 4\n", 5,
         1},
        {"epochs of a metric that moves as far from row to row",
         "step:1/9 loss:6\nstep:2/9 loss:5.5\nstep:3/9 loss:6.25\nstep:4/9 loss:5\n"
         "step:5/9 loss:5.75\nstep:6/9 loss:4.5\nstep:7/9 loss:5.5\nstep:8/9 loss:4.5\n"
         "step:9/9 loss:4.75\nstep:1/9 loss:5.75\n",
         10, 1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct fed *a = place_read(&place, "train.log", str_of(rows[i].text));
        const struct fed *b = read_coloured(rows[i].text);
        cr_assert(a && b, "%s", rows[i].what);
        cr_expect(a->table->tally.rows == rows[i].rows && b->table->tally.rows == rows[i].rows,
                  "%s: %zu and %zu rows", rows[i].what, a->table->tally.rows, b->table->tally.rows);
        const char *want = arena_printf(&place.arena, "the log holds %d runs", (int)rows[i].runs);
        const char *said = a->notes_n ? strstr(a->note[a->notes_n - 1], "the log holds") : NULL;
        cr_expect(rows[i].runs > 1 ? said && strstr(said, want) : !said, "%s: %s", rows[i].what,
                  said);
        cr_expect(rows[i].runs == 1 || !a->fact[FACT_FINAL_ROW], "%s", rows[i].what);
    }
}

/* What a log says behind its last row, and what it only seems to. */
Test(console, a_log_ends_as_its_last_lines_say)
{
#define ROW "step 1 loss 4.5\n"
    static const struct {
        const char *what, *text, *failed, *broken_off;
    } rows[] = {
        {"rows alone", ROW, NULL, NULL},
        {"a traceback", ROW "Traceback (most recent call last):\n  File \"a.py\"\na.BError: no\n",
         "line 4: a.BError: no", NULL},
        {"rows follow",
         ROW "Traceback (most recent call last):\n  File \"a.py\"\nOSError: no\nstep 2 loss 4\n",
         NULL, NULL},
        {"behind a progress bar",
         ROW " 45%|# | 9/20 [0:01<0:02]Traceback (most recent call last):\n  File\nOSError\n",
         "line 4: OSError", NULL},
        {"the first of two, as what followed from it tells less",
         ROW "Traceback (most recent call last):\n  File\nKeyError: 'a'\n\nDuring handling of the "
             "above exception, another exception occurred:\n\nTraceback (most recent call "
             "last):\n  File\nRuntimeError: b\n",
         "line 4: KeyError: 'a'", NULL},
        {"Python says that it ignores it",
         ROW "Exception ignored in: <function A.__del__>\nTraceback (most recent call last):\n"
             "  File\nOSError: no\n",
         NULL, NULL},
        {"only of a thread",
         ROW "Exception in thread Thread-3:\nTraceback (most recent call last):\n  File\nOSError\n",
         NULL, NULL},
        {"it went on without rows",
         ROW "Traceback (most recent call last):\n  File\nOSError: no\nTraining complete.\n", NULL,
         NULL},
        {"memory", ROW "RuntimeError: CUDA out of memory. Tried to\n",
         "line 2: RuntimeError: CUDA out of memory. Tried to", NULL},
        {"memory of the host", ROW "slurmstepd: error: Detected 1 oom_kill event in StepId=7.0\n",
         "line 2: slurmstepd: error: Detected 1 oom_kill event in StepId=7.0", NULL},
        {"an interrupt", ROW "Traceback (most recent call last):\n  File\nKeyboardInterrupt\n",
         NULL, "line 4: KeyboardInterrupt"},
        {"a signal", ROW "[rank0]: received SIGTERM, saving\n", NULL,
         "line 2: [rank0]: received SIGTERM, saving"},
        {"killed", ROW "Killed\n", NULL, "line 2: Killed"},
        {"killed in a script", ROW "run.sh: line 3: 4711 Killed      python train.py\n", NULL,
         "line 2: run.sh: line 3: 4711 Killed      python train.py"},
        {"a word of a sentence", ROW "Killed 3 idle workers\n", NULL, NULL},
        {"srun", ROW "srun: error: n3: task 0: Exited with exit code 1\n",
         "line 2: srun: error: n3: task 0: Exited with exit code 1", NULL},
        {"srun, told to stop", ROW "srun: error: n3: task 0: Terminated\n", NULL,
         "line 2: srun: error: n3: task 0: Terminated"},
        {"without a newline", ROW "Killed", NULL, "line 2: Killed"},
    };
#undef ROW

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct fed *fed = place_read(&place, "train.log", str_of(rows[i].text));
        cr_assert(fed && place.ok, "%s", rows[i].what);
        cr_expect(str_eq(str_of(fed->fact[FACT_FAILED]), str_of(rows[i].failed)), "%s: failed %s",
                  rows[i].what, fed->fact[FACT_FAILED]);
        cr_expect(str_eq(str_of(fed->fact[FACT_BROKEN_OFF]), str_of(rows[i].broken_off)),
                  "%s: broken off %s", rows[i].what, fed->fact[FACT_BROKEN_OFF]);
    }
}
