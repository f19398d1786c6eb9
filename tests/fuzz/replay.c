/* Runs a fuzz target on the files given, and on those in the folders given: a corpus as a test. */
#include "analysis/base/buf.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    FILE *f = fopen(path, "re");
    struct buf bytes = {0};
    size_t n;

    if (!f)
        return 0;
    do {
        buf_reserve(&bytes, 65536);
        n = fread(bytes.p + bytes.n, 1, 65536, f);
        bytes.n += n;
    } while (n > 0);
    fclose(f);
    /* a copy of its own size, so that a sanitizer sees the first byte behind it */
    uint8_t *exact = malloc(bytes.n ? bytes.n : 1);
    if (exact) {
        if (bytes.n)
            memcpy(exact, bytes.p, bytes.n);
        LLVMFuzzerTestOneInput(exact, bytes.n);
    }
    free(exact);
    buf_fini(&bytes);
    return 1;
}

static int run_path(const char *path)
{
    DIR *folder = opendir(path);
    int done = 0;

    if (!folder)
        return run_file(path);
    for (struct dirent *e; (e = readdir(folder));) {
        struct buf name = {0};
        if (e->d_name[0] != '.') {
            buf_printf(&name, "%s/%s", path, e->d_name);
            done += run_path(buf_text(&name));
        }
        buf_fini(&name);
    }
    closedir(folder);
    return done;
}

int main(int argc, char **argv)
{
    int done = 0;

    for (int i = 1; i < argc; i++)
        done += run_path(argv[i]);
    printf("%d inputs\n", done);
    return done == 0;
}
