/* WebSocket frames of a client, and the handshake's key. */
#include <stdlib.h>
#include <string.h>

#include "base/http/frame.h"
#include "tests/fuzz/fuzz.h"

#define LIMIT_BYTES 300

static void check_frame(enum tp_frame_result result, const struct tp_frame *frame)
{
    bool control = (frame->opcode & 8) != 0;
    int code = 0;
    if (result == TP_FRAME_BROKEN)
        FUZZ_HOLDS(frame->close_code >= TP_CLOSE_PROTOCOL && frame->close_code <= TP_CLOSE_TOO_BIG);
    if (result != TP_FRAME_MESSAGE)
        return;
    FUZZ_HOLDS(frame->bytes <= (control ? TP_CONTROL_PAYLOAD_MAX_BYTES : LIMIT_BYTES));
    FUZZ_HOLDS(frame->consumed > 0);
    if (frame->opcode == TP_OPCODE_CLOSE && tp_frame_close_code(frame->data, frame->bytes, &code))
        FUZZ_HOLDS(code == TP_CLOSE_NO_STATUS || (code >= 1000 && code < 5000));
    tp_fuzz_taken_count++;
}

static void read_frames(uint8_t *data, size_t bytes)
{
    struct tp_frame_reader reader = {.limit_bytes = LIMIT_BYTES};
    enum tp_frame_result result = TP_FRAME_PARTIAL;
    size_t at = 0;
    while (result == TP_FRAME_PARTIAL || result == TP_FRAME_MESSAGE) {
        struct tp_frame frame;
        result = tp_frame_read(&reader, data + at, bytes - at, &frame);
        at += frame.consumed;
        FUZZ_HOLDS(at <= bytes);
        FUZZ_HOLDS(reader.message.length <= LIMIT_BYTES);
        check_frame(result, &frame);
    }
    tp_frame_reader_fini(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input frames = {data, bytes};
    struct tp_fuzz_input text = {data, bytes};
    size_t length = 0;
    uint8_t *exact = tp_fuzz_take(&frames, bytes, &length);
    read_frames(exact, length);
    free(exact);
    char accept[TP_ACCEPT_BYTES];
    char *key = tp_fuzz_take_text(&text);
    if (tp_frame_accept(key, accept)) {
        tp_fuzz_taken_count++;
        FUZZ_HOLDS(strlen(accept) == TP_ACCEPT_BYTES - 1);
    }
    free(key);
    return 0;
}
