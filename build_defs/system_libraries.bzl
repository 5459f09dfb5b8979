"""The system libraries, by the short name they are used under (@sys_<name>//:lib)."""

SYSTEM_LIBRARIES = {
    "cairo_x11": [
        "cairo-xlib",
        "pangocairo",
        "x11",
    ],
    "cmocka": ["cmocka"],
    "curl": ["libcurl"],
    "gmp": ["gmp"],
    "gstreamer": [
        "gstreamer-1.0",
        "gstreamer-app-1.0",
        "gstreamer-video-1.0",
        "gstreamer-sdp-1.0",
        "gstreamer-webrtc-1.0",
        "gstreamer-rtp-1.0",
        "nice",
    ],
    "inih": ["inih"],
    "jansson": ["jansson"],
    "openssl": ["openssl"],
    "pangocairo": ["pangocairo"],
    "protobuf_c": ["libprotobuf-c"],
    "sodium": ["libsodium"],
    "sqlite": ["sqlite3"],
    "uv": ["libuv"],
    "websockets": [
        "libwebsockets",
        "openssl",
        "libuv",
    ],
    "xcb": [
        "xcb",
        "xcb-shm",
        "xcb-xfixes",
    ],
}
