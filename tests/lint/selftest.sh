#!/bin/sh
# selftest.sh PROGRAM: a lint that cannot fail says nothing. Plants one offender at a time in a copy of the tree
# and expects its lint to name it, and to be silent once it is gone.
program=$1
here=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
mkdir "$work/tree"
tar -cf - --exclude=./build --exclude='./build-*' --exclude=./.git --exclude=./tests/runs/experiments . | tar -xf - -C "$work/tree"
cd "$work/tree" || exit 2

say() { echo "tests/lint/selftest.sh:1: $*" && status=1; }

# plant LINT FILE EXPECTED: FILE has just been changed; the lint must fail with EXPECTED. Then FILE is as it was.
plant() {
    sh "tests/lint/$1.sh" "$program" >"$work/out" 2>&1 && say "$1.sh did not see '$3' in $2"
    grep -qF -- "$3" "$work/out" || say "$1.sh does not say '$3' of $2, but: $(head -n 1 "$work/out")"
    if [ -e "$here/$2" ]; then cp "$here/$2" "$2"; else rm -rf "$2"; fi
}

add() { printf '%s\n' "$2" >>"$1"; }
swap() { sed "$2" "$here/$1" >"$1"; }

add analysis/series.c '#include "reports/report.h"' && plant includes analysis/series.c 'analysis may not include reports/report.h'
add analysis/base/arena.c '#  include "analysis/series.h"' && plant includes analysis/base/arena.c 'analysis/base may not include analysis/series.h'
add mcp/rpc.c '#include "reports/store.h"' && plant includes mcp/rpc.c 'mcp may not include reports/store.h'
add tools/call.c '#include <uv.h>' && plant includes tools/call.c '<uv.h> is not for tools'
add tools/call.c '#include "call.h"' && plant includes tools/call.c 'from the root'
add mcp/rpc.c '#include <cjson/cJSON.h>' && plant includes mcp/rpc.c 'cJSON is not used'
add mcp/session.c 'uv_queue_work(0, 0, 0, 0);' && plant includes mcp/session.c 'only mcp/job.c calls uv_queue_work'

swap tools/tools.def '/get_status/d' && plant rows tools/tools.def 'has no row X(get_status)'
add analysis/detectors/detectors.def 'X(phantom)' && plant rows analysis/detectors/detectors.def 'no detector_phantom'
add reports/blocks/blocks.def 'X(heading)' && plant rows reports/blocks/blocks.def 'heading stands here twice'
add reports/patterns/patterns.c 'const struct pattern pattern_stray = {' && plant rows reports/patterns/patterns.c 'pattern_stray belongs into'
swap tools/prompts.def '/analyze_run/d' && plant rows tools/prompts.def 'prompt_analyze_run has no row'

yes '' | head -n 601 >tools/long.c && plant size tools/long.c 'has 601 lines, at most 600'
yes '' | head -n 151 >tools/long.h && plant size tools/long.h 'has 151 lines, at most 150'

skill=skills/analyze-run/SKILL.md
add $skill '`drop_report(reportId=…)`' && plant skills $skill 'there is no tool drop_report'
add $skill '`get_status(experiment=…)`' && plant skills $skill 'get_status has no argument experiment'
add $skill 'See `lossCurve`.' && plant skills $skill 'does not know `lossCurve`'
add $skill '{"type": "pieChart"}' && plant skills $skill 'there is no block pieChart'
add $skill '[more](references/none.md)' && plant skills $skill 'no file references/none.md'
swap $skill 's/^name: .*/name: Analyze/' && plant skills $skill 'name must be analyze-run'
swap $skill 's/^license: MIT/tools: all/' && plant skills $skill 'has no tools here'
swap $skill 's/^license: .*/license: MIT: the short one/' && plant skills $skill 'must stand in quotes'
yes 'A sentence that stands here too often.' | head -n 400 >>$skill && plant skills $skill '5,000 tokens'

add .mcp.json '}' && plant packaging .mcp.json 'behind the value'
swap .vscode/mcp.json 's/"servers"/"mcpServers"/' && plant packaging .vscode/mcp.json 'servers.postrun.type'
swap .claude-plugin/plugin.json 's/"version": "[^"]*"/"version": "9.9.9"/' && plant packaging .claude-plugin/plugin.json 'version must be'

add mcp/serve.sh '# see /root/notes' && plant words mcp/serve.sh 'a path of one machine'
add README.md 'Made by a subagent.' && plant words README.md 'how it was written'

mkdir src && plant names src 'src:1: is not a name'
rm -r skills && plant names README.md 'skills:1: is missing'
cp -r "$here/skills" .

add tools/README.md 'more' && plant manual tools/README.md 'is not the program'
swap README.md '/query_metric.*One exact/d' && plant docs README.md 'the table of tools'
if command -v clang-format-14 >/dev/null || command -v clang-format >/dev/null; then
    add tools/call.c 'int  x ;' && plant format tools/call.c 'tools/call.c:'
fi

for lint in includes rows size skills packaging words names manual docs; do
    sh "tests/lint/$lint.sh" "$program" >"$work/out" 2>&1 || (cd "$here" && ! sh "tests/lint/$lint.sh" "$program" >/dev/null 2>&1) ||
        say "$lint.sh fails in the copy but not in the tree: $(head -n 1 "$work/out")"
done
exit $status
