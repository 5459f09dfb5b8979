#include "base/http/test_certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HERE "IP:127.0.0.1,DNS:localhost"

struct authority {
    X509 *certificate;
    EVP_PKEY *key;
};

static void must(bool condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "test certificates: %s\n", what);
        abort();
    }
}

static void write_certificate(const char *path, X509 *certificate)
{
    FILE *file = fopen(path, "w");
    must(file != NULL && PEM_write_X509(file, certificate) == 1, path);
    fclose(file);
}

static void write_key(const char *path, EVP_PKEY *key)
{
    FILE *file = fopen(path, "w");
    must(file != NULL && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1, path);
    fclose(file);
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension != NULL && X509_add_ext(certificate, extension, -1) == 1, value);
    X509_EXTENSION_free(extension);
}

static X509 *make(const char *name, EVP_PKEY *key, const struct authority *issuer,
                  const char *addresses)
{
    static long serial = 1;
    X509 *certificate = X509_new();
    must(certificate != NULL, "memory");
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
                               0);
    X509 *signer = issuer != NULL ? issuer->certificate : certificate;
    X509_set_issuer_name(certificate, X509_get_subject_name(signer));
    add_extension(certificate, signer, NID_basic_constraints,
                  issuer == NULL ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (issuer != NULL)
        add_extension(certificate, signer, NID_subject_alt_name, addresses);
    must(X509_sign(certificate, issuer != NULL ? issuer->key : key, EVP_sha256()) > 0, "signing");
    return certificate;
}

static struct authority make_authority(const char *path, const char *name)
{
    struct authority authority;
    authority.key = EVP_EC_gen("P-256");
    must(authority.key != NULL, "key");
    authority.certificate = make(name, authority.key, NULL, NULL);
    write_certificate(path, authority.certificate);
    return authority;
}

static void issue(const struct authority *authority, const char *name, const char *addresses,
                  const char *path, const char *key_path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    must(key != NULL, "key");
    X509 *certificate = make(name, key, authority, addresses);
    write_certificate(path, certificate);
    write_key(key_path, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void place(const struct tp_test_certificates *in, char *path, const char *name)
{
    snprintf(path, TP_TEST_PATH_BYTES, "%.200s/%s", in->folder, name);
}

void tp_test_certificates_make(struct tp_test_certificates *made)
{
    const char *parent = getenv("TEST_TMPDIR");
    snprintf(made->folder, sizeof(made->folder), "%s/tp-http-XXXXXX",
             parent != NULL ? parent : P_tmpdir);
    must(mkdtemp(made->folder) != NULL, "folder");
    place(made, made->ca, "ca.pem");
    place(made, made->server, "server.pem");
    place(made, made->server_key, "server.key");
    place(made, made->client, "client.pem");
    place(made, made->client_key, "client.key");
    place(made, made->other_ca, "other-ca.pem");
    place(made, made->stranger, "stranger.pem");
    place(made, made->stranger_key, "stranger.key");
    place(made, made->misnamed, "misnamed.pem");
    place(made, made->misnamed_key, "misnamed.key");
    struct authority ca = make_authority(made->ca, "Test CA");
    struct authority other = make_authority(made->other_ca, "Other CA");
    issue(&ca, "127.0.0.1", HERE, made->server, made->server_key);
    issue(&ca, "coordinator", HERE, made->client, made->client_key);
    issue(&other, "coordinator", HERE, made->stranger, made->stranger_key);
    issue(&ca, "elsewhere", "IP:127.0.0.9,DNS:elsewhere", made->misnamed, made->misnamed_key);
    X509_free(ca.certificate);
    EVP_PKEY_free(ca.key);
    X509_free(other.certificate);
    EVP_PKEY_free(other.key);
}

void tp_test_certificates_remove(const struct tp_test_certificates *made)
{
    unlink(made->ca);
    unlink(made->server);
    unlink(made->server_key);
    unlink(made->client);
    unlink(made->client_key);
    unlink(made->other_ca);
    unlink(made->stranger);
    unlink(made->stranger_key);
    unlink(made->misnamed);
    unlink(made->misnamed_key);
    rmdir(made->folder);
}
