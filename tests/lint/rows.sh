#!/bin/sh
# rows.sh: each row of a .def names one that is defined, and each that is defined has its row.
# A plug-in is the file of its name; resources and prompts share one.
status=0

# rows FOLDER LIST 'struct KIND' PREFIX [own]: own: the row of NAME is in FOLDER/NAME.c
rows() {
    awk -v list="$1/$2" -v kind="$3" -v prefix="$4_" -v own="$5" -v folder="$1" '
    FILENAME == list {
        if (match($0, /^X\([a-z0-9_]+\)/)) {
            name = substr($0, 3, RLENGTH - 3)
            if (name in row) { printf "%s:%d: %s stands here twice\n", list, FNR, name; bad = 1 }
            row[name] = FNR
        }
        next
    }
    $0 ~ "^(static )?const " kind " " prefix "[a-z0-9_]+ = [{]" {
        name = $0
        sub(/ = .*/, "", name)
        sub(".* " prefix, "", name)
        defined[name] = FILENAME
        if (!(name in row)) { printf "%s:%d: %s%s has no row X(%s) in %s\n", FILENAME, FNR, prefix, name, name, list; bad = 1 }
        if (own && FILENAME != folder "/" name ".c") { printf "%s:%d: %s%s belongs into %s/%s.c\n", FILENAME, FNR, prefix, name, folder, name; bad = 1 }
    }
    END {
        for (name in row)
            if (!(name in defined)) { printf "%s:%d: X(%s): no %s%s is defined in %s\n", list, row[name], name, prefix, name, folder; bad = 1 }
        exit bad
    }' "$1/$2" "$1"/*.c || status=1
}

rows analysis/detectors detectors.def 'struct detector' detector own
rows analysis/trajectories readers.def 'struct trajectory_reader' trajectory_reader own
rows analysis/readers readers.def 'struct reader' reader own
rows analysis/anchors anchors.def 'struct anchor_rule' anchor ''
rows reports/blocks blocks.def 'struct block_kind' block own
rows reports/patterns patterns.def 'struct pattern' pattern own
rows tools tools.def 'struct tool' tool own
rows tools resources.def 'struct resource_kind' resource ''
rows tools prompts.def 'struct prompt' prompt ''
exit $status
