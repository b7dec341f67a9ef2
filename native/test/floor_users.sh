#!/bin/sh
# floor_users.sh FLOOR: the files here that include headers of that floor, themselves or through other headers of this folder.
pattern="$1/"
while :; do
  users=$(grep -lE "^#include \"($pattern)" -- *.cc *.h)
  headers=$(echo "$users" | grep '\.h$' | sed 's|^|test/|' | tr '\n' '|')
  grown="$1/|${headers%|}"
  [ "$grown" = "$pattern" ] || [ "$grown" = "$1/|" ] && break
  pattern=$grown
done
echo "$users"
