#!/bin/sh
# Writes openapi_text.c: the API's description as it is served.
set -eu
echo '#include "coordinator/http/modules.h"'
echo
echo 'const char tp_openapi_text[] ='
sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/    "/' -e 's/$/\\n"/' "$1"
echo '    ;'
echo 'const size_t tp_openapi_bytes = sizeof tp_openapi_text - 1;'
