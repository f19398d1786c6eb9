#!/bin/sh
# run.sh PROGRAM: the reports of all bundled runs, by every pattern, in the real BlockNote editor.
# Packages go below $TMPDIR and are kept there for the next time. Exit 77: it cannot run here.
set -u
program=$1
here=$(cd "$(dirname "$0")" && pwd)
runs=$here/../../runs/experiments
place=${TMPDIR:-/tmp}/postrun-peer-blocknote-$(id -u)
skip() { echo "skipped: $*"; exit 77; }

command -v node >/dev/null && command -v npm >/dev/null || skip "node or npm is not installed"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    skip "node $(node --version) is older than 20.19"
mkdir -p "$place" && chmod 700 "$place" || exit 1
if ! cmp -s "$here/package.json" "$place/installed.json"; then
    cp "$here/package.json" "$place/package.json"
    (cd "$place" && npm install --legacy-peer-deps --no-package-lock --no-audit --no-fund >npm.log 2>&1) ||
        skip "npm could not install: $(grep -m 1 'npm error' "$place/npm.log")"
    cp "$here/package.json" "$place/installed.json"
fi

reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
patterns=$("$program" --experiments "$runs" call list_patterns | grep -o '"name":"[^"]*"' | cut -d '"' -f 4)
[ -n "$patterns" ] || { echo "$program names no patterns"; exit 1; }
# make PATTERN ID
make() {
    "$program" --experiments "$runs" --reports "$reports" call generate_report \
        "{\"pattern\":\"$1\",\"experimentId\":\"$2\"}" >/dev/null || exit 1
}
for pattern in $patterns; do
    case $pattern in
    training-comparison) make "$pattern" run1,run2 ;;
    trajectory-analysis | failure-analysis) make "$pattern" run1 ;;
    *)
        for run in "$runs"/*/metadata.json; do
            make "$pattern" "$(basename "$(dirname "$run")")"
        done
        ;;
    esac
done
cp "$here/check.mjs" "$place/check.mjs"
cd "$place" && node check.mjs "$here"/every_block.json "$reports"/*.json
