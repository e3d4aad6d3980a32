#include "base/err.h"

#include <stdlib.h>
#include <string.h>

const char *vtb_err_name(enum vtb_err err)
{
    switch (err) {
    case VTB_OK: return "ok";
    case VTB_PARSE: return "parse";
    case VTB_DENIED: return "denied";
    case VTB_STALE: return "stale";
    case VTB_ABSENT: return "absent";
    case VTB_LIMIT: return "limit";
    case VTB_AGAIN: return "again";
    case VTB_TIMEOUT: return "timeout";
    case VTB_CLOSED: return "closed";
    case VTB_NOMEM: return "nomem";
    case VTB_SYS: return "sys";
    case VTB_CORRUPT: return "corrupt";
    }
    return "unknown";
}

void vtb_free_ptr(void *pointer_to_pointer)
{
    void *at;

    memcpy(&at, pointer_to_pointer, sizeof at);
    free(at);
}
