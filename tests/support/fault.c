#include "tests/support/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

static struct {
    int n, calls, error, always_error;
    const char *name, *always;
    bool short_writes;
} state;

void fault_at(int n, int error)
{
    state.n = n;
    state.error = error;
    state.calls = 0;
    state.name = "";
}

int fault_calls(void)
{
    return state.calls;
}

const char *fault_name(void)
{
    return state.name;
}

void fault_always(const char *name, int error)
{
    state.always = name;
    state.always_error = error;
}

void fault_short_writes(bool on)
{
    state.short_writes = on;
}

static bool fails(const char *name)
{
    state.calls++;
    if (state.always && strcmp(state.always, name) == 0) {
        errno = state.always_error;
        return true;
    }
    if (state.n == 0 || state.calls != state.n)
        return false;
    state.name = name;
    errno = state.error;
    return true;
}

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker gives these names */
#define WRAP(type, name, parameters, arguments)                                                    \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails(#name) ? -1 : __real_##name arguments;                                        \
    }

WRAP(int, fsync, (int fd), (fd))
WRAP(int, flock, (int fd, int what), (fd, what))
WRAP(int, mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode))
WRAP(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags))
WRAP(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
WRAP(int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags),
     (a, from, b, to, flags))
WRAP(int, linkat, (int a, const char *from, int b, const char *to, int flags),
     (a, from, b, to, flags))
WRAP(ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at))

ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n)
{
    if (fd <= 2)
        return __real_write(fd, p, n); /* the test's own words */
    if (fails("write"))
        return -1;
    return __real_write(fd, p, state.short_writes && n > 1 ? n - n / 2 : n);
}

int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...)
{
    va_list args;
    mode_t mode = 0;

    if (flags & O_CREAT) {
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    return fails("openat") ? -1 : __real_openat(dir, path, flags, mode);
}
/* NOLINTEND(bugprone-reserved-identifier) */
