#!/bin/sh
# names.sh: the top of the tree is exactly these names, and dotfiles; build folders are git's to ignore.
allowed="CMakeLists.txt README.md analysis mcp reports skills tests tools"
status=0
for name in *; do
    case $name in
    build | build-*) continue ;;
    esac
    case " $allowed " in
    *" $name "*) ;;
    *) echo "$name:1: is not a name for the top of the tree ($allowed)" && status=1 ;;
    esac
done
for name in $allowed; do
    [ -e "$name" ] || { echo "$name:1: is missing" && status=1; }
done
exit $status
