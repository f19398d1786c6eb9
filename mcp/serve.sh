#!/bin/sh
# Installs what is missing, builds, and starts the program with the words given:
#   sh mcp/serve.sh [--experiments DIR]...      serves MCP on stdin/stdout
#   sh mcp/serve.sh demo                        the main job on two bundled real runs
# Every word of set-up goes to stderr. A client's configuration names build/postrun itself.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
. mcp/deps.sh

built() {
    [ -x build/postrun ] && [ -z "$(find CMakeLists.txt analysis reports tools mcp skills -newer build/postrun -type f 2>/dev/null | head -n 1)" ]
}

build() {
    mkdir -p build
    (
        flock 9
        built && exit 0 # somebody else built it while we waited
        need build
        echo "postrun: building" >&2
        [ -f build/build.ninja ] || cmake -G Ninja -S . -B build -DCMAKE_BUILD_TYPE=Release >build/cmake.log 2>&1 || { cat build/cmake.log >&2; exit 1; }
        ninja -C build postrun >build/ninja.log 2>&1 || { cat build/ninja.log >&2; exit 1; }
        touch build/postrun
    ) </dev/null 9>build/.lock >&2
}

built || build
case ${1:-} in
demo) shift && exec sh mcp/demo.sh "$here/build/postrun" "$@" ;;
*) exec "$here/build/postrun" "$@" ;;
esac
