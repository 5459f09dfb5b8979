// An offer as a browser makes it, for tests that need no browser behind it.
const FINGERPRINT = Array.from({ length: 32 }, (_, i) => (i * 7 + 16).toString(16).toUpperCase().padStart(2, "0")).join(":");

export function offerText({ fingerprint = FINGERPRINT, codec = "H264/90000", candidates = ["127.0.0.1"] } = {}) {
    const common = (mid) => [
        "c=IN IP4 0.0.0.0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        ...(fingerprint ? [`a=fingerprint:sha-256 ${fingerprint}`] : []),
        "a=setup:actpass",
        `a=mid:${mid}`,
        "a=recvonly",
        "a=rtcp-mux",
    ];
    return [
        "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1",
        "m=video 9 UDP/TLS/RTP/SAVPF 108 109", ...common(0),
        ...candidates.map((address, i) => `a=candidate:${i + 1} 1 udp 2122260223 ${address} 9 typ host`),
        `a=rtpmap:108 ${codec}`, "a=rtcp-fb:108 nack", "a=rtcp-fb:108 nack pli",
        "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        "a=rtpmap:109 rtx/90000", "a=fmtp:109 apt=108",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111", ...common(1), "a=rtpmap:111 opus/48000/2", "",
    ].join("\r\n");
}
