/* A body by length or in chunks: however the network cuts it, the same is read. */
#include <stdlib.h>
#include <string.h>

#include "base/http/body.h"
#include "tests/fuzz/fuzz.h"

#define LIMIT_BYTES 512

struct setting {
    bool chunked;
    uint64_t content_bytes;
    size_t step_bytes; /* the network's pieces */
};

/* Reads all of `data`; *taken says how much of it belongs to the body. */
static enum tp_body_result read_all(const struct setting *setting, const uint8_t *data,
                                    size_t bytes, struct tp_bytes *out, size_t *taken)
{
    struct tp_body_reader reader;
    enum tp_body_result result = TP_BODY_MORE;
    size_t end = 0;
    *taken = 0;
    tp_body_reader_init(&reader, setting->chunked, setting->content_bytes, LIMIT_BYTES);
    while (result == TP_BODY_MORE && end < bytes) {
        end = bytes - end < setting->step_bytes ? bytes : end + setting->step_bytes;
        struct tp_fuzz_input piece = {data + *taken, end - *taken};
        size_t piece_bytes = 0;
        size_t consumed = 0;
        uint8_t *exact = tp_fuzz_take(&piece, piece.bytes, &piece_bytes);
        result = tp_body_read(&reader, exact, piece_bytes, out, &consumed);
        free(exact);
        FUZZ_HOLDS(consumed <= piece_bytes);
        FUZZ_HOLDS(out->length <= LIMIT_BYTES);
        *taken += consumed;
    }
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct tp_fuzz_input input = {data, bytes};
    struct setting setting = {.chunked = (tp_fuzz_take_u8(&input) & 1) != 0};
    if (!setting.chunked)
        setting.content_bytes = tp_fuzz_take_u16(&input);
    struct tp_bytes whole = TP_BYTES_INIT;
    struct tp_bytes pieces = TP_BYTES_INIT;
    size_t whole_taken = 0;
    size_t pieces_taken = 0;
    setting.step_bytes = SIZE_MAX;
    enum tp_body_result result = read_all(&setting, input.data, input.bytes, &whole, &whole_taken);
    setting.step_bytes = 1 + bytes % 7;
    enum tp_body_result in_pieces =
        read_all(&setting, input.data, input.bytes, &pieces, &pieces_taken);
    FUZZ_HOLDS(result == in_pieces);
    if (result == TP_BODY_DONE) {
        tp_fuzz_taken_count++;
        FUZZ_HOLDS(whole_taken == pieces_taken && whole.length == pieces.length);
        FUZZ_HOLDS(whole.length == 0 || memcmp(whole.data, pieces.data, whole.length) == 0);
    }
    tp_bytes_fini(&whole);
    tp_bytes_fini(&pieces);
    return 0;
}
