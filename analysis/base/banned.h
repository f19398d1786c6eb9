#ifndef BANNED_H
#define BANNED_H
/*
 * Calls that have a safer form here, as compile errors. Included by err.h, so
 * that every file has it. lgamma writes the global signgam: use lgamma_r.
 * The headers that declare them come first, or their declarations would not compile.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define strcpy(...) strcpy_is_banned_use_str_h
#define strcat(...) strcat_is_banned_use_buf_h
#define strncpy(...) strncpy_is_banned_use_str_h
#define strncat(...) strncat_is_banned_use_buf_h
#define sprintf(...) sprintf_is_banned_use_snprintf
#define vsprintf(...) vsprintf_is_banned_use_vsnprintf
#define strtok(...) strtok_is_banned_use_str_next
#define gmtime(...) gmtime_is_banned_use_gmtime_r
#define localtime(...) localtime_is_banned_times_are_UTC
#define atoi(...) atoi_is_banned_use_num_h
#define lgamma(...) lgamma_is_banned_use_lgamma_r

#endif
