#ifndef BASE_H
#define BASE_H
/* The four attributes the house uses, and nothing else. */

#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF(text, first) __attribute__((format(printf, text, first)))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))

#endif
