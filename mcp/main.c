/*
 * postrun: opens any training run, says what happened, and proves it.
 *
 * Options, then a command of commands.c. Before anything else the protocol's
 * descriptors are moved away from 0 and 1 and stdout becomes stderr: a stray
 * print spoils a log line, never a message.
 */
#include "analysis/base/vec.h"
#include "mcp/command.h"
#include "mcp/tools_list.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void put_usage(FILE *to)
{
    fprintf(
        to,
        "postrun %s: opens any training run, says what happened, and proves it\n\n"
        "usage: postrun [--experiments DIR]... [--reports DIR] [--dashboard-url URL] [COMMAND]\n"
        "       postrun --help | --version\n\n",
        POSTRUN_VERSION);
    for (size_t i = 0; i < commands_n; i++)
        fprintf(to, "  %-7s%-12s %s\n", commands[i].name, commands[i].arguments, commands[i].what);
    fprintf(to, "\n  --experiments DIR    where runs are; may be given again (else "
                "$POSTRUN_EXPERIMENTS, else ./experiments)\n"
                "  --reports DIR        where reports are kept (else $POSTRUN_REPORTS, else "
                "~/.local/share/postrun/reports)\n"
                "  --dashboard-url URL  answers then name the page of a report below it\n\n"
                "Exit status: 0 done, 1 the answer is an error, 2 usage.\n");
}

/* /dev/null as a descriptor that is none of the first three, which are given away next. */
static int nowhere_above(int how)
{
    int low = open("/dev/null", how | O_CLOEXEC);
    int high = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, 3);

    if (low > 2)
        close(low);
    return high;
}

static void move_descriptors(void)
{
    int in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3),
        out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

    if (in < 0) /* closed by whoever started us: reads like an empty file */
        in = nowhere_above(O_RDONLY);
    if (out < 0)
        out = nowhere_above(O_WRONLY);
    if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
        int nowhere = open("/dev/null", O_WRONLY);
        if (nowhere >= 0)
            dup2(nowhere, STDOUT_FILENO);
    }
    int empty = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (empty >= 0) {
        dup2(empty, STDIN_FILENO);
        close(empty);
    }
    command_set_wire(in, out);
}

struct options {
    struct desk_options desk;
    VEC(const char *) roots;
    int rest; /* index of the first word that is no option */
};

static bool value_of(char **argv, int argc, int *at, const char *name, const char **value)
{
    size_t n = strlen(name);

    if (strncmp(argv[*at], name, n) != 0)
        return false;
    if (argv[*at][n] == '=') {
        *value = argv[*at] + n + 1;
        return true;
    }
    if (argv[*at][n] != '\0' || *at + 1 >= argc)
        return false;
    *value = argv[++*at];
    return true;
}

static bool read_options(int argc, char **argv, struct arena *arena, struct options *o)
{
    int i = 1;

    for (; i < argc && argv[i][0] == '-'; i++) {
        const char *root = NULL;
        if (value_of(argv, argc, &i, "--experiments", &root)) {
            VEC_PUSH(arena, &o->roots, root);
        } else if (!value_of(argv, argc, &i, "--reports", &o->desk.reports) &&
                   !value_of(argv, argc, &i, "--dashboard-url", &o->desk.dashboard_url)) {
            fprintf(stderr, "postrun: unknown option or missing value: %s\n", argv[i]);
            return false;
        }
    }
    o->rest = i;
    o->desk.experiments = (struct strs){o->roots.v, o->roots.n};
    return true;
}

static const struct command *command_of(int n, char **words)
{
    for (size_t i = 0; i < commands_n; i++) {
        if (n > 0 && strcmp(words[0], commands[i].name) != 0)
            continue;
        if (n > 0 && (n - 1 < commands[i].least || n - 1 > commands[i].most)) {
            fprintf(stderr, "postrun: usage: postrun %s %s\n", commands[i].name,
                    commands[i].arguments);
            return NULL;
        }
        return &commands[i];
    }
    fprintf(stderr, "postrun: unknown command: %s (see postrun --help)\n", words[0]);
    return NULL;
}

int main(int argc, char **argv)
{
    struct options options = {.desk.tools_list = {(const char *)tools_list, tools_list_n}};
    struct arena arena;
    int status = EXIT_USAGE;

    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("postrun %s\n", POSTRUN_VERSION);
        return EXIT_DONE;
    }
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        put_usage(stdout);
        return EXIT_DONE;
    }
    signal(SIGXFSZ,
           SIG_IGN); /* a full quota is an error of that save, not the end of the program */
    move_descriptors();
    arena_init(&arena);
    if (read_options(argc, argv, &arena, &options)) {
        const struct command *command = command_of(argc - options.rest, argv + options.rest);
        if (command) {
            struct desk *desk = desk_open(&options.desk);
            status = command->run(desk, argv + options.rest + 1, argc - options.rest - 1);
            desk_close(desk);
        }
    }
    arena_fini(&arena);
    return status;
}
