"""tp_fuzz_target: one parser's fuzzer, and the test that replays its seeds."""

load("//build_defs:cc.bzl", "tp_cc_binary", "tp_cc_test")

def tp_fuzz_target(name, deps, rounds = 3000):
    """NAME_fuzz.c and seeds/NAME/ become NAME_fuzzer (clang's libFuzzer) and NAME_replay_test."""
    native.filegroup(
        name = name + "_seeds",
        srcs = native.glob(["seeds/%s/*" % name]),
    )

    # Only --config=fuzz gives it a main.
    tp_cc_binary(
        name = name + "_fuzzer",
        testonly = True,
        srcs = [name + "_fuzz.c"],
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [":fuzz"] + deps,
    )
    tp_cc_test(
        name = name + "_replay_test",
        srcs = [
            name + "_fuzz.c",
            "replay_test.c",
        ],
        args = [
            "tests/fuzz/seeds/" + name,
            str(rounds),
        ],
        data = [":%s_seeds" % name],
        deps = [
            ":fuzz",
            "//base:core",
            "@sys_sodium//:lib",
        ] + deps,
    )
