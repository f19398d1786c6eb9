#!/bin/sh
# docs.sh PROGRAM: the README's table of tools is the manual's.
program=$1
table=$("$program" manual | awk '/^\| tool \|/ { f = 1 } f && /^$/ { exit } f' | sed 's|(#|(tools/README.md#|')
shown=$(awk '/<!-- \/tools -->/ { f = 0 } f; /<!-- tools -->/ { f = 1 }' README.md)
[ "$table" = "$shown" ] && exit 0
echo "README.md: the table of tools is not the manual's"
exit 1
