#!/bin/sh
# Writes schema.c: every SQL file given, in the order of its number, as one entry of tp_schema.
set -eu
echo '#include "coordinator/schema/schema.h"'
echo
echo 'const struct tp_migration tp_schema[] = {'
for file in $(printf '%s\n' "$@" | sort); do
    name=$(basename "$file" .sql)
    number=$(echo "$name" | sed -e 's/_.*//' -e 's/^0*//')
    echo "    {$number, \"$name\","
    sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/     "/' -e 's/$/\\n"/' "$file"
    echo '    },'
done
echo '};'
echo 'const size_t tp_schema_count = sizeof tp_schema / sizeof tp_schema[0];'
