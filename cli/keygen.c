#include <stdio.h>
#include <unistd.h>

#include "base/crypto.h"
#include "cli/command.h"

struct tp_status tp_cli_keygen(const struct tp_cli_command *command, struct tp_error *error)
{
    char public_path[4096];
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = NULL;
    if (command->out == NULL)
        return tp_fail(error, TP_INPUT, "usage", "keygen needs --out FILE");
    int length = snprintf(public_path, sizeof(public_path), "%s.pub", command->out);
    if (length < 0 || (size_t)length >= sizeof(public_path))
        return tp_fail(error, TP_INPUT, "usage", "the path is too long");
    if (access(command->out, F_OK) == 0)
        return tp_fail(error, TP_INPUT, "keygen.exists", "%s is there already", command->out);
    struct tp_status status = tp_keypair_new(&keypair, error);
    if (tp_ok(status))
        status = tp_keypair_save(keypair, command->out, error);
    if (tp_failed(status))
        return status;
    struct tp_public_key key = tp_keypair_public(keypair);
    return tp_public_key_save(&key, public_path, error);
}
