#!/bin/sh
# packaging.sh: what clients read is JSON, starts the program, and says the version that is built.
status=0
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# wants FILE PATH PATTERN: the value at PATH matches the shell pattern
wants() {
    got=$(awk -F '\t' -v path="$2" '$1 == path { print $2 }' "$work/flat")
    case $got in
    $3) ;;
    *) echo "$1:1: $2 must be $3, not '$got'" && status=1 ;;
    esac
}

flat() { awk -f "$here/json.awk" "$1" >"$work/flat" || { cat "$work/flat"; status=1; return 1; }; }

version=$(sed -n 's/^project(postrun VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
if flat .mcp.json; then
    wants .mcp.json mcpServers.postrun.command '*/build/postrun'
    wants .mcp.json mcpServers.postrun.args.0 --experiments
    wants .mcp.json mcpServers.postrun.args.1 '*?experiments*'
fi
if flat .vscode/mcp.json; then
    wants .vscode/mcp.json servers.postrun.type stdio
    wants .vscode/mcp.json servers.postrun.command '*/build/postrun'
    wants .vscode/mcp.json servers.postrun.args.0 --experiments
fi
if flat .claude-plugin/plugin.json; then
    wants .claude-plugin/plugin.json name postrun
    wants .claude-plugin/plugin.json version "$version"
    wants .claude-plugin/plugin.json description '?*'
    for path in $(awk -F '\t' '$1 == "skills" || $1 == "mcpServers" { print $2 }' "$work/flat"); do
        [ -e "$path" ] || { echo ".claude-plugin/plugin.json:1: there is no $path" && status=1; }
    done
fi
exit $status
