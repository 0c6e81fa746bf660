// The door to OpenSSL's libcrypto: digests, ciphers and key derivation through EVP alone.
#ifndef CAIRN_CCRYPTO_SHIM_H
#define CAIRN_CCRYPTO_SHIM_H

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdint.h>
#include <sys/random.h>

// OSSL_PARAM keeps the pointers it is given, so the parameter lists are built here, where they outlive the call.

static inline int cairn_hkdf_sha256(
    EVP_KDF *algorithm, const void *key, size_t key_size, const void *salt, size_t salt_size, const void *info,
    size_t info_size, void *output, size_t output_size)
{
    OSSL_PARAM parameters[5];
    OSSL_PARAM *next = parameters;
    *next++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA2-256", 0);
    *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key, key_size);
    if (salt_size > 0) {
        *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_size);
    }
    if (info_size > 0) {
        *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_size);
    }
    *next = OSSL_PARAM_construct_end();
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(algorithm);
    if (context == NULL) {
        return 0;
    }
    int result = EVP_KDF_derive(context, (unsigned char *)output, output_size, parameters);
    EVP_KDF_CTX_free(context);
    return result;
}

static inline int cairn_scrypt(
    EVP_KDF *algorithm, const void *password, size_t password_size, const void *salt, size_t salt_size, uint64_t n,
    uint32_t r, uint32_t p, uint64_t memory_max, void *output, size_t output_size)
{
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)password, password_size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt_size > 0 ? (void *)salt : (void *)"", salt_size),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory_max),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(algorithm);
    if (context == NULL) {
        return 0;
    }
    int result = EVP_KDF_derive(context, (unsigned char *)output, output_size, parameters);
    EVP_KDF_CTX_free(context);
    return result;
}

#endif
