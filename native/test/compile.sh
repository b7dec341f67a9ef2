#!/bin/sh
# compile.sh OBJECT COMPILER ARGUMENTS...: compiles, or takes the object from MILENA_NATIVE_TEST_CACHE when the same preprocessed source
# was compiled by the same compiler with the same arguments before.
set -eu
object=$1
shift
if [ -z "${MILENA_NATIVE_TEST_CACHE:-}" ]; then exec "$@" -o "$object"; fi
preprocessed=$object.i
"$@" -E -P -o "$preprocessed"
key=$( (echo "$@"; "$1" --version; cat "$preprocessed") | sha256sum | cut -c1-40)
rm -f "$preprocessed"
mkdir -p "$MILENA_NATIVE_TEST_CACHE"
cached=$MILENA_NATIVE_TEST_CACHE/$key.o
if [ ! -f "$cached" ]; then
  "$@" -o "$object"
  cp "$object" "$cached.$$" && mv "$cached.$$" "$cached"
fi
cp "$cached" "$object"
