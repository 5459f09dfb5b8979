"""tp_cc_library, tp_cc_binary, tp_cc_test: the native rules with the project's compiler options."""

COPTS = [
    "-std=gnu17",
    "-D_GNU_SOURCE",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wshadow",
    "-Wstrict-prototypes",
    "-Wmissing-prototypes",
    "-Wpointer-arith",
    "-Wcast-qual",
    "-Wwrite-strings",
    "-Wvla",
    "-Wformat=2",
    "-Wundef",
    "-Wswitch-enum",
    "-fno-common",
    "-fstack-protector-strong",
    "-fvisibility=hidden",
]

def tp_cc_library(name, copts = [], **kwargs):
    native.cc_library(name = name, copts = COPTS + copts, linkstatic = True, **kwargs)

def tp_cc_binary(name, copts = [], **kwargs):
    native.cc_binary(name = name, copts = COPTS + copts, **kwargs)

def tp_cc_test(name, copts = [], deps = [], size = "small", **kwargs):
    """A cmocka test program; the test reports count towards `N passed, N failed`."""
    native.cc_test(
        name = name,
        size = size,
        copts = COPTS + copts,
        deps = deps + ["@sys_cmocka//:lib"],
        **kwargs
    )
