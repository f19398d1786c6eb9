#ifndef FAULT_H
#define FAULT_H
/*
 * The n-th system call that writes fails. Link with FAULT_WRAPS (CMake) or
 * -Wl,--wrap=openat,--wrap=write,… one for each name in fault.c.
 */

#include <stdbool.h>

void fault_at(int n, int error); /* 1 is the first from now on; 0: none fails, only count */
int fault_calls(void);           /* since fault_at */
const char *fault_name(void);    /* of the call that failed; "" if none did */
void fault_always(const char *name, int error); /* every call of this name; NULL: none */
void fault_short_writes(bool on); /* write() takes one byte less than asked, at least one */

#endif
