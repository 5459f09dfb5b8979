"""Brings a library that pkg-config knows as @<name>//:lib."""

def _run(repository_ctx, arguments):
    result = repository_ctx.execute(["pkg-config"] + arguments)
    if result.return_code != 0:
        fail("pkg-config %s: %s(run ./dev setup to install what is missing)" %
             (" ".join(arguments), result.stderr))
    return [word for word in result.stdout.strip().split(" ") if word]

def _pkg_config_repository_impl(repository_ctx):
    modules = repository_ctx.attr.modules
    compile_flags = _run(repository_ctx, ["--cflags"] + modules)
    link_flags = _run(repository_ctx, ["--libs"] + modules)

    # System headers are reached through symbolic links inside the repository, so that the
    # sandbox sees them and a changed header rebuilds what includes it.
    includes = []
    copts = []
    for index, flag in enumerate(compile_flags):
        if flag.startswith("-I"):
            link = "include_%d" % index
            repository_ctx.symlink(flag[2:], link)
            includes.append(link)
        elif not flag.startswith("-W"):
            copts.append(flag)
    defines = [flag[2:] for flag in copts if flag.startswith("-D")]

    repository_ctx.file("BUILD.bazel", """\
cc_library(
    name = "lib",
    hdrs = glob(%s, allow_empty = True),
    defines = %s,
    includes = %s,
    linkopts = %s,
    visibility = ["//visibility:public"],
)
""" % (
        repr([link + "/**/*.h" for link in includes]),
        repr(defines),
        repr(includes),
        repr(link_flags),
    ))

pkg_config_repository = repository_rule(
    implementation = _pkg_config_repository_impl,
    attrs = {"modules": attr.string_list(mandatory = True)},
    environ = ["PKG_CONFIG_PATH"],
    local = True,
)
