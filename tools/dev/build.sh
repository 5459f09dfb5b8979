source "$TP_ROOT/tools/dev/common.sh"
bash "$TP_ROOT/tools/dev/setup.sh"
build_programs
build_pages
