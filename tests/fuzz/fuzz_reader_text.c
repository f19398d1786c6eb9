/* Any bytes as a log in text, under the name that its first byte chooses: bid on, read, its runs
 * named. */
#include "tests/fuzz/readers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"trainer_state.json", "metrics.jsonl", "progress.csv",
                                        "0.monitor.csv",      "export.csv",    "curves.tsv",
                                        "train.log",          "metrics.json",  "results.tsv",
                                        "meta.yaml",          "run.json",      "160m_step8.json",
                                        "adapter_config.json"};

    if (size > 0)
        read_as(names[fuzz_format(data[0], sizeof(names) / sizeof(names[0]))], data + 1, size - 1);
    return 0;
}
