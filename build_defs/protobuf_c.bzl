"""protobuf_c_library: .proto files compiled by protoc-c into one C library."""

def protobuf_c_library(name, srcs, visibility = None):
    """Includes read `#include "proto/<file>.pb-c.h"`; every file imports by its path from the root."""
    sources = []
    headers = []
    for src in srcs:
        base = src[:-len(".proto")]
        sources.append(base + ".pb-c.c")
        headers.append(base + ".pb-c.h")
    native.genrule(
        name = name + "_generate",
        srcs = srcs,
        outs = sources + headers,
        cmd = "protoc-c --proto_path=. --c_out=$(BINDIR) $(SRCS)",
        message = "Compiling protocol buffers",
    )
    native.cc_library(
        name = name,
        srcs = sources,
        hdrs = headers,
        linkstatic = True,
        visibility = visibility,
        deps = ["@sys_protobuf_c//:lib"],
    )
