#include "reports/whole_file.h"
#include "analysis/base/arena.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <dirent.h>

#define MARK STR("<!-- mark -->\n")

static struct tmpdir tmp;
static int dir = -1;

static void set_up(void)
{
    tmpdir_make(&tmp);
    dir = open(tmp.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void tear_down(void)
{
    close(dir);
    tmpdir_remove(&tmp);
}

TestSuite(whole_file, .init = set_up, .fini = tear_down);

static bool put(const char *text, bool *replaced, struct err *err)
{
    return marked_file_write(dir, "f.md", MARK, str_of(text), replaced, err);
}

static size_t entries(void)
{
    DIR *list = opendir(tmp.path);
    size_t n = 0;

    cr_assert(list);
    for (const struct dirent *e; (e = readdir(list)) != NULL;)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(list);
    return n;
}

static const char *now(void)
{
    static char text[256];
    FILE *file = fopen(tmpdir_path(&tmp, "f.md"), "re");
    size_t n = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

    text[n] = '\0';
    if (file)
        fclose(file);
    return text;
}

Test(whole_file, a_new_file_then_the_same_anew_and_nothing_else)
{
    struct err err;
    bool replaced = true;

    cr_assert(put("<!-- mark -->\none", &replaced, &err), "%s", err.msg);
    cr_expect(!replaced && strcmp(now(), "<!-- mark -->\none") == 0);
    cr_assert(put("<!-- mark -->\ntwo", &replaced, &err), "%s", err.msg);
    cr_expect(replaced && strcmp(now(), "<!-- mark -->\ntwo") == 0);
    cr_expect(entries() == 1, "no file is left behind");
}

Test(whole_file, what_is_not_ours_is_left_alone_and_said)
{
    struct err err;
    bool replaced;

    tmpdir_file(&tmp, "f.md", "my notes");
    cr_expect(!put("<!-- mark -->\n", &replaced, &err) && err.code == ERR_REFUSED);
    cr_expect(strstr(err.msg, "was not written by this program") && strcmp(now(), "my notes") == 0);
    tmpdir_file(&tmp, "f.md", "");
    cr_expect(!put("<!-- mark -->\n", &replaced, &err), "an empty file is somebody's, too");
    cr_assert(unlinkat(dir, "f.md", 0) == 0);

    tmpdir_file(&tmp, "other", "<!-- mark -->\nbehind a link");
    tmpdir_link(&tmp, "other", "f.md");
    cr_expect(!put("<!-- mark -->\n", &replaced, &err) && strstr(err.msg, "symlink"), "%s",
              err.msg);
    cr_assert(unlinkat(dir, "f.md", 0) == 0);

    tmpdir_folder(&tmp, "f.md");
    cr_expect(!put("<!-- mark -->\n", &replaced, &err) && strstr(err.msg, "no regular file"), "%s",
              err.msg);
    cr_assert(unlinkat(dir, "f.md", AT_REMOVEDIR) == 0);

    cr_assert(mkfifoat(dir, "f.md", 0600) == 0);
    cr_expect(!put("<!-- mark -->\n", &replaced, &err), "a fifo neither hangs nor is replaced");
    cr_expect(entries() == 2);
}

Test(whole_file, a_directory_that_takes_no_files_is_an_error_with_its_reason)
{
    struct err err;
    bool replaced;
    int proc = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    cr_assert(proc >= 0);
    cr_expect(!marked_file_write(proc, "f.md", MARK, MARK, &replaced, &err));
    cr_expect(err.code == ERR_IO && strstr(err.msg, "cannot write f.md: "), "%s", err.msg);
    close(proc);
}
