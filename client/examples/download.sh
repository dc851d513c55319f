#!/bin/sh
# Downloads SOURCE, a URL or a name of the catalog, and writes the file to stdout:
#   download.sh SOURCE > FILE
# Ends as concctl(1) does: with 0, or with a message and a status that tells what failed.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

id=$(concctl download --no-block "$1")
file=$(concctl wait --output "$folder/file" "$id")
cat "$file"
