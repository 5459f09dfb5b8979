#include "expert-draw/command.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "expert-draw/pool_store.h"
#include "expert-draw/schema.h"
#include "expert-draw/service.h"
#include "expert-draw/settings.h"
#include "expert-draw/vrf.h"

#define ALPHA_LIMIT_BYTES 65536
#define FAULT_PRINT_LIMIT 200

static struct tp_status need(const char *value, const char *option, struct tp_error *error)
{
    return value != NULL ? TP_STATUS_OK : tp_fail(error, TP_INPUT, "usage", "%s is needed", option);
}

struct tp_status tp_draw_command_serve(const struct tp_draw_command *command,
                                       struct tp_error *error)
{
    struct tp_status status = need(command->config, "--config", error);
    return tp_failed(status) ? status : tp_draw_serve(command->config, error);
}

struct tp_status tp_draw_command_keygen(const struct tp_draw_command *command,
                                        struct tp_error *error)
{
    char public_path[4096];
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = NULL;
    struct tp_status status = need(command->out, "--out", error);
    if (tp_failed(status))
        return status;
    if (snprintf(public_path, sizeof(public_path), "%s.pub", command->out) >=
        (int)sizeof(public_path))
        return tp_fail(error, TP_INPUT, "usage", "the path is too long");
    FILE *there = fopen(command->out, "r");
    if (there != NULL) {
        fclose(there);
        return tp_fail(error, TP_INPUT, "keygen.exists", "%s is there already", command->out);
    }
    status = tp_keypair_new(&keypair, error);
    if (tp_ok(status))
        status = tp_keypair_save(keypair, command->out, error);
    if (tp_failed(status))
        return status;
    struct tp_public_key key = tp_keypair_public(keypair);
    return tp_public_key_save(&key, public_path, error);
}

static struct tp_status decode_alpha(const char *hex, struct tp_bytes *alpha,
                                     struct tp_error *error)
{
    struct tp_status status = need(hex, "--alpha-hex", error);
    if (tp_failed(status))
        return status;
    size_t length = strlen(hex) / 2;
    if (length > ALPHA_LIMIT_BYTES)
        return tp_fail(error, TP_INPUT, "usage", "alpha is too long");
    tp_bytes_reserve(alpha, length + 1);
    status = tp_bytes_check(alpha, error);
    if (tp_ok(status))
        status = tp_hex_decode(hex, alpha->data, length, error);
    alpha->length = length;
    return status;
}

static struct tp_status vrf_key(const struct tp_draw_command *command, struct tp_vrf_key **key,
                                struct tp_error *error)
{
    uint8_t seed[TP_VRF_SEED_BYTES];
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = NULL;
    if (command->key_hex != NULL) {
        struct tp_status status = tp_hex_decode(command->key_hex, seed, sizeof(seed), error);
        return tp_ok(status) ? tp_vrf_key_new(seed, key, error) : status;
    }
    struct tp_status status = need(command->key, "--key or --key-hex", error);
    if (tp_ok(status))
        status = tp_keypair_load(command->key, &keypair, error);
    return tp_ok(status) ? tp_vrf_key_of_keypair(keypair, key, error) : status;
}

/* One line per value, or all in one JSON object. */
static void print_values(bool json, const char *const names[], const char *const values[],
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (json)
            printf("%s\"%s\":\"%s\"", i == 0 ? "{" : ",", names[i], values[i]);
        else
            printf("%s %s\n", names[i], values[i]);
    }
    if (json)
        printf("}\n");
}

struct tp_status tp_draw_command_vrf_prove(const struct tp_draw_command *command,
                                           struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes alpha = TP_BYTES_INIT;
    TP_AUTO(tp_vrf_key) struct tp_vrf_key *key = NULL;
    uint8_t proof[TP_VRF_PROOF_BYTES];
    uint8_t beta[TP_VRF_BETA_BYTES];
    struct tp_status status = decode_alpha(command->alpha_hex, &alpha, error);
    if (tp_ok(status))
        status = vrf_key(command, &key, error);
    if (tp_ok(status))
        status = tp_vrf_prove(key, alpha.data, alpha.length, proof, error);
    if (tp_ok(status))
        status =
            tp_vrf_verify(tp_vrf_key_public(key), alpha.data, alpha.length, proof, beta, error);
    if (tp_failed(status))
        return status;
    char texts[3][2 * TP_VRF_PROOF_BYTES + 1];
    tp_hex_encode(tp_vrf_key_public(key), TP_VRF_PUBLIC_BYTES, texts[0]);
    tp_hex_encode(proof, sizeof(proof), texts[1]);
    tp_hex_encode(beta, sizeof(beta), texts[2]);
    print_values(command->json, (const char *const[]){"public", "proof", "beta"},
                 (const char *const[]){texts[0], texts[1], texts[2]}, 3);
    return status;
}

struct tp_status tp_draw_command_vrf_verify(const struct tp_draw_command *command,
                                            struct tp_error *error)
{
    TP_AUTO(tp_bytes) struct tp_bytes alpha = TP_BYTES_INIT;
    uint8_t public_key[TP_VRF_PUBLIC_BYTES];
    uint8_t proof[TP_VRF_PROOF_BYTES];
    uint8_t beta[TP_VRF_BETA_BYTES];
    char text[2 * TP_VRF_BETA_BYTES + 1];
    struct tp_status status = decode_alpha(command->alpha_hex, &alpha, error);
    if (tp_ok(status))
        status = need(command->public_hex, "--public-hex", error);
    if (tp_ok(status))
        status = need(command->proof_hex, "--proof-hex", error);
    if (tp_ok(status))
        status = tp_hex_decode(command->public_hex, public_key, sizeof(public_key), error);
    if (tp_ok(status))
        status = tp_hex_decode(command->proof_hex, proof, sizeof(proof), error);
    if (tp_ok(status))
        status = tp_vrf_verify(public_key, alpha.data, alpha.length, proof, beta, error);
    if (tp_failed(status))
        return status;
    tp_hex_encode(beta, sizeof(beta), text);
    print_values(command->json, (const char *const[]){"beta"}, (const char *const[]){text}, 1);
    return status;
}

static void print_faults(const struct tp_pool_csv *csv)
{
    for (size_t i = 0; i < csv->fault_count && i < FAULT_PRINT_LIMIT; i++) {
        const struct tp_pool_fault *fault = &csv->faults[i];
        fprintf(stderr, "row %u: %s%s%s", fault->row, fault->column,
                fault->column[0] == '\0' ? "" : ": ", fault->fault);
        if (fault->other_row != 0)
            fprintf(stderr, " (row %u has it already)", fault->other_row);
        fputc('\n', stderr);
    }
    if (csv->fault_count > FAULT_PRINT_LIMIT)
        fprintf(stderr, "and %zu more\n", csv->fault_count - FAULT_PRINT_LIMIT);
}

struct files {
    struct tp_bytes pool;
    struct tp_bytes specialties;
    struct tp_pool_csv csv;
};

static struct tp_status read_files(const struct tp_draw_command *command, struct files *files,
                                   struct tp_error *error)
{
    struct tp_status status =
        tp_file_read(command->pool, TP_POOL_FILE_LIMIT_BYTES, &files->pool, error);
    if (tp_ok(status) && command->specialties != NULL)
        status = tp_file_read(command->specialties, (size_t)1 << 20, &files->specialties, error);
    if (tp_ok(status))
        status = tp_pool_csv_read((char *)files->pool.data, files->pool.length, &files->csv, error);
    if (tp_failed(status))
        return status;
    print_faults(&files->csv);
    if (files->csv.fault_count > 0 && !command->skip_bad_rows)
        return tp_fail(error, TP_INPUT, "pool.bad_rows",
                       "%zu faults: nothing was imported (--bad-rows skip imports the %zu good "
                       "rows)",
                       files->csv.fault_count, files->csv.row_count);
    return status;
}

static struct tp_status import(const struct tp_draw_command *command, struct files *files,
                               struct tp_error *error)
{
    struct tp_draw_settings settings;
    TP_AUTO(tp_keypair) struct tp_keypair *keypair = NULL;
    TP_AUTO(tp_vault) struct tp_vault *vault = NULL;
    struct tp_store *store = NULL;
    struct tp_status status = read_files(command, files, error);
    if (tp_ok(status))
        status = tp_draw_settings_read(command->config, &settings, error);
    if (tp_ok(status))
        status = tp_keypair_load_or_make(settings.key, &keypair, error);
    if (tp_ok(status))
        status = tp_vault_new(keypair, &vault, error);
    if (tp_ok(status))
        status = tp_store_open(settings.store_url, tp_draw_migrations, tp_draw_migration_count,
                               &store, error);
    if (tp_ok(status) && command->specialties != NULL)
        status = tp_pool_store_import_specialties(store, (char *)files->specialties.data,
                                                  files->specialties.length, error);
    if (tp_ok(status))
        status = tp_pool_store_import(store, vault, &files->csv, tp_clock_now_ms(tp_clock_system()),
                                      error);
    tp_store_free(store);
    return status;
}

struct tp_status tp_draw_command_import(const struct tp_draw_command *command,
                                        struct tp_error *error)
{
    struct files files = {.pool = TP_BYTES_INIT};
    struct tp_status status = need(command->config, "--config", error);
    if (tp_ok(status))
        status = need(command->pool, "--pool", error);
    if (tp_ok(status))
        status = import(command, &files, error);
    if (tp_ok(status))
        printf(command->json ? "{\"imported\":%zu,\"faults\":%zu}\n"
                             : "imported %zu experts, %zu faults\n",
               files.csv.row_count, files.csv.fault_count);
    tp_bytes_wipe(&files.pool);
    tp_bytes_fini(&files.specialties);
    tp_pool_csv_fini(&files.csv);
    return status;
}
