/*
 * A throw-away CA with a server's and clients' certificates in a temporary folder.
 */
#ifndef TP_BASE_HTTP_TEST_CERTIFICATE_H
#define TP_BASE_HTTP_TEST_CERTIFICATE_H

#define TP_TEST_PATH_BYTES 256

struct tp_test_certificates {
    char folder[TP_TEST_PATH_BYTES];
    char ca[TP_TEST_PATH_BYTES];
    char server[TP_TEST_PATH_BYTES]; /* for 127.0.0.1 and localhost */
    char server_key[TP_TEST_PATH_BYTES];
    char client[TP_TEST_PATH_BYTES]; /* common name "coordinator" */
    char client_key[TP_TEST_PATH_BYTES];
    char other_ca[TP_TEST_PATH_BYTES]; /* signed nothing above */
    char stranger[TP_TEST_PATH_BYTES]; /* "coordinator" too, but signed by the other CA */
    char stranger_key[TP_TEST_PATH_BYTES];
    char misnamed[TP_TEST_PATH_BYTES]; /* signed by the CA, for another address */
    char misnamed_key[TP_TEST_PATH_BYTES];
};

/* Aborts when it cannot. */
void tp_test_certificates_make(struct tp_test_certificates *certificates);
void tp_test_certificates_remove(const struct tp_test_certificates *certificates);

#endif
