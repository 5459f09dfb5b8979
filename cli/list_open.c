#include <stdio.h>

#include "base/crypto.h"
#include "cli/command.h"
#include "cli/sealed_list.h"

#define SEALED_LIMIT_BYTES ((size_t)4 << 20)

static const char *const columns[][2] = {
    {"venue", "会场"},         {"specialty", "专业"}, {"name", "姓名"},
    {"id_number", "身份证号"}, {"phone", "电话"},     {"handle", "编号"},
};
#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static void print_table(const json_t *list)
{
    const json_t *experts = json_object_get(list, "experts");
    printf("draw %s, session %s\n", json_string_value(json_object_get(list, "draw_id")),
           json_string_value(json_object_get(list, "session_id")));
    for (size_t c = 0; c < COLUMN_COUNT; c++)
        printf("%s%s", columns[c][1], c + 1 < COLUMN_COUNT ? "\t" : "\n");
    for (size_t i = 0; i < json_array_size(experts); i++) {
        const json_t *expert = json_array_get(experts, i);
        for (size_t c = 0; c < COLUMN_COUNT; c++) {
            const char *text = json_string_value(json_object_get(expert, columns[c][0]));
            printf("%s%s", text == NULL ? "" : text, c + 1 < COLUMN_COUNT ? "\t" : "\n");
        }
    }
}

static struct tp_status print_json(const json_t *list, struct tp_error *error)
{
    TP_AUTO(tp_secret_bytes) struct tp_bytes text = TP_BYTES_INIT;
    struct tp_status status = tp_json_write(list, &text, error);
    if (tp_ok(status))
        printf("%s\n", (const char *)text.data);
    return status;
}

struct tp_status tp_cli_list_open(const struct tp_cli_command *command, struct tp_error *error)
{
    TP_AUTO(tp_keypair) struct tp_keypair *recipient = NULL;
    TP_AUTO(tp_bytes) struct tp_bytes sealed = TP_BYTES_INIT;
    TP_AUTO(tp_json) json_t *list = NULL;
    struct tp_public_key keeper;
    if (command->key == NULL || command->keeper_public == NULL || command->words[2] == NULL)
        return tp_fail(error, TP_INPUT, "usage",
                       "list open needs --key FILE --keeper-public FILE SEALED");
    struct tp_status status = tp_keypair_load(command->key, &recipient, error);
    if (tp_ok(status))
        status = tp_public_key_load(command->keeper_public, &keeper, error);
    if (tp_ok(status))
        status = tp_file_read(command->words[2], SEALED_LIMIT_BYTES, &sealed, error);
    if (tp_ok(status))
        status =
            tp_sealed_list_open(recipient, keeper.sign, sealed.data, sealed.length, &list, error);
    if (tp_failed(status))
        return status;
    if (command->json)
        return print_json(list, error);
    print_table(list);
    return status;
}
