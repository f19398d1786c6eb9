#ifndef COMMAND_H
#define COMMAND_H
/*
 * The commands of the program: each is one row. They use the same tools as a
 * client, in the same way. Nothing but a command's answer goes to stdout.
 */

#include "tools/desk.h"

enum exit_status { EXIT_DONE = 0, EXIT_ANSWER_IS_ERROR = 1, EXIT_USAGE = 2 };

struct command {
    const char *name, *arguments, *what;
    int least, most; /* arguments it takes */
    int (*run)(struct desk *desk, char **arguments, int n);
};

extern const struct command commands[];
extern const size_t commands_n;

/* stdin and stdout of the protocol, moved away from 0 and 1 before anything could print there. */
void command_set_wire(int in_fd, int out_fd);

#endif
