/* Serves the fixtures over stdin and stdout: the protocol room as clients meet it. */
#include "mcp/session.h"
#include "tests/mcp/fixtures.h"

#include <fcntl.h>
#include <unistd.h>

struct service fixture_service(struct desk *desk)
{
    return (struct service){.name = "fixtures",
                            .title = "Fixture server",
                            .version = "1.0.0",
                            .instructions = "A server for tests of the protocol.",
                            .desk = desk,
                            .tools = fixture_tools,
                            .resources = fixture_resources,
                            .prompts = fixture_prompts,
                            .skills = fixture_skills,
                            .skills_n = fixture_skills_n};
}

/* Away from 0 and 1, as the program does it; a descriptor that was closed reads as an empty file.
 */
static int moved(int fd, int flags)
{
    int to = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    if (to >= 0)
        return to;
    to = open("/dev/null", flags | O_CLOEXEC);
    return to >= 3 ? to : fcntl(to, F_DUPFD_CLOEXEC, 3);
}

int main(void)
{
    struct desk desk = {0};
    struct service service = fixture_service(&desk);
    int in = moved(STDIN_FILENO, O_RDONLY), out = moved(STDOUT_FILENO, O_WRONLY);

    return session_serve(&service, in, out);
}
