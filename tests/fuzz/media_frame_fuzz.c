/* The local socket between tp-venue and tp-media: however the bytes are cut, the same frames. */
#include <stdlib.h>
#include <string.h>

#include "media/frame.h"
#include "tests/fuzz/fuzz.h"

struct outcome {
    struct tp_bytes frames; /* all that were read, packed again */
    enum tp_class class;
};

static void take_frames(struct tp_frame_reader *reader, struct outcome *outcome)
{
    for (;;) {
        Tongping__Media__MediaFrame *frame = NULL;
        outcome->class = tp_frame_reader_next(reader, &frame, NULL).class;
        if (frame == NULL)
            return;
        FUZZ_HOLDS(outcome->class == TP_OK);
        /* A frame packs to at most its own length, but for unknown fields' repeated forms. */
        (void)tp_failed(tp_frame_append(&outcome->frames, frame, NULL));
        tongping__media__media_frame__free_unpacked(frame, NULL);
        tp_fuzz_taken_count++;
    }
}

static void read_all(struct tp_fuzz_input input, size_t step_bytes, struct outcome *outcome)
{
    struct tp_frame_reader reader = {0};
    *outcome = (struct outcome){0};
    while (input.bytes > 0 && outcome->class == TP_OK) {
        size_t bytes = 0;
        uint8_t *piece = tp_fuzz_take(&input, step_bytes, &bytes);
        FUZZ_HOLDS(tp_ok(tp_frame_reader_feed(&reader, piece, bytes, NULL)));
        free(piece);
        take_frames(&reader, outcome);
    }
    tp_frame_reader_fini(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input input = {data, bytes};
    size_t step_bytes = 1 + tp_fuzz_take_u8(&input) % 16;
    struct outcome whole;
    struct outcome pieces;
    read_all(input, SIZE_MAX, &whole);
    read_all(input, step_bytes, &pieces);
    FUZZ_HOLDS(whole.class == pieces.class);
    FUZZ_HOLDS(whole.frames.length == pieces.frames.length);
    FUZZ_HOLDS(whole.frames.length == 0 ||
               memcmp(whole.frames.data, pieces.frames.data, whole.frames.length) == 0);
    tp_bytes_fini(&whole.frames);
    tp_bytes_fini(&pieces.frames);
    return 0;
}
