# The one list of Debian packages, each with the room that needs it. Sourced by serve.sh and run.sh.
# need WHAT: installs what is missing for WHAT (build, tests, all); silent when nothing is.

packages_build="build-essential cmake ninja-build libuv1-dev libyaml-dev zlib1g-dev libsqlite3-dev"
# build-essential, cmake, ninja-build: every room
# libuv1-dev: mcp (the event loop: pipes, terminals, signals, threads; linked statically, so it costs little at start)
# libyaml-dev: analysis (a run's own configuration is YAML; linked statically likewise)
# zlib1g-dev: analysis (the checksums of .wandb files, packed members; linked statically likewise; libzstd is opened when needed)
# libsqlite3-dev: analysis (its declarations, and with it the library: loaded when a store of MLflow or trackio is met)

packages_tests="$packages_build pkg-config libcriterion-dev"
# pkg-config: tests (where Criterion is); libcriterion-dev: tests (the unit tests' runner)

packages_all="$packages_tests clang libclang-rt-14-dev clang-format clang-tidy valgrind"
# clang, libclang-rt-14-dev: the second compiler, the fuzzer; clang-format, clang-tidy: lints; valgrind: leaks

need() {
    eval "wanted=\$packages_$1"
    missing=
    for package in $wanted; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -z "$missing" ] && return 0
    if [ "$(id -u)" != 0 ]; then
        echo "postrun: these packages are missing; install them, then run this again:" >&2
        echo "  apt-get install$missing" >&2
        return 1
    fi
    echo "postrun: installing$missing" >&2
    {
        DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
    } </dev/null >&2 || {
        echo "postrun: the packages could not be installed" >&2
        return 1
    }
}
