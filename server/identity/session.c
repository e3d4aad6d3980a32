/* session.c - lifetimes and the binding of invitations to devices. Pure. */
#include "identity/identity.h"

enum vtb_bind vtb_invitation_bind(struct vtb_str bound, struct vtb_str device, int64_t until_us,
                                  int64_t now_us)
{
    if (now_us >= until_us)
        return VTB_BIND_ENDED;
    if (bound.len == 0)
        return VTB_BIND_FIRST;
    return device.len > 0 && vtb_secret_is(bound.at, bound.len, device.at, device.len)
               ? VTB_BIND_SAME
               : VTB_BIND_OTHER;
}

int64_t vtb_invitation_until(int64_t starts_us, int64_t minutes)
{
    return starts_us + minutes * 60 * 1000000 + VTB_SESSION_US;
}

int64_t vtb_session_until(int64_t now_us, int64_t invitation_until_us)
{
    return invitation_until_us ? invitation_until_us : now_us + VTB_SESSION_US;
}

bool vtb_session_locks(int64_t touched_us, int64_t now_us, bool item_runs)
{
    return !item_runs && now_us - touched_us >= VTB_IDLE_LOCK_US;
}
