#ifndef BASE_H
#define BASE_H
/* The five attributes the house uses, and nothing else. */

#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF(text, first) __attribute__((format(printf, text, first)))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))
/*
 * Runs at every start, from a room that then sleeps: it lies beside main. Each
 * stretch of 64 KB that a start touches is mapped whole, and counts as resident.
 */
#define AT_START __attribute__((section(".text.startup")))

#endif
