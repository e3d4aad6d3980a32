/* relay.c - the password of a name at a TURN relay (RFC 8656), as coturn's use-auth-secret reckons it. */
#include "identity/identity.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum vtb_err vtb_relay_password(const char *secret, const char *name, char out[static VTB_RELAY_PASSWORD])
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int len = 0;

    if (!HMAC(EVP_sha1(), secret, (int)strlen(secret), (const unsigned char *)name, strlen(name), mac, &len))
        return VTB_SYS;
    _Static_assert(VTB_RELAY_PASSWORD > 28, "base64 of 20 bytes");
    EVP_EncodeBlock((unsigned char *)out, mac, (int)len);
    return VTB_OK;
}
