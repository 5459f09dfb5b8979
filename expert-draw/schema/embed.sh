#!/bin/sh
# Writes the numbered SQL files as the C table of migrations.
set -eu
echo '#include "expert-draw/schema.h"'
echo 'const struct tp_migration tp_draw_migrations[] = {'
count=0
for file in "$@"; do
    count=$((count + 1))
    printf '{%d, "%s",\n' "$count" "$(basename "$file" .sql)"
    sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$/\\n"/' "$file"
    echo '},'
done
echo '};'
echo "const size_t tp_draw_migration_count = $count;"
