#include "api/inner.h"

#include "record/sign.h"

#include <stdlib.h>

#define SMALL VTB_WEB_BODY_SMALL
#define OFFER ((size_t)VTB_MAX_DEVICE_OFFER_BYTES)

const struct vtb_web_route vtb_api_routes[] = {
    { VTB_WEB_POST, "/api/session/demo", SMALL, session_demo, 0, NULL },
    { VTB_WEB_POST, "/api/session/password", SMALL, session_password, 0, NULL },
    { VTB_WEB_DELETE, "/api/session", SMALL, session_end, 0, NULL },
    { VTB_WEB_GET, "/api/me", 0, session_me, 0, NULL },
    { VTB_WEB_PUT, "/api/me/secret", SMALL, secret_put, 0, NULL },
    { VTB_WEB_POST, "/api/invitations/preview", SMALL, invitation_preview, 0, NULL },
    { VTB_WEB_POST, "/api/invitations/exchange", SMALL, invitation_exchange, 0, NULL },
    { VTB_WEB_POST, "/api/invitations/{id}/free", SMALL, invitation_free, 0, NULL },
    { VTB_WEB_POST, "/api/invitations/{id}/link", SMALL, invitation_link, 0, NULL },
    { VTB_WEB_GET, "/api/today", 0, today_get, 0, NULL },
    { VTB_WEB_GET, "/api/people", 0, people_get, 0, NULL },
    { VTB_WEB_GET, "/api/boards/{id}", 0, board_get, 0, NULL },
    { VTB_WEB_POST, "/api/boards/{id}/meetings", SMALL, meeting_make, 0, NULL },
    { VTB_WEB_GET, "/api/meetings/{id}", 0, meeting_get, 0, NULL },
    { VTB_WEB_DELETE, "/api/meetings/{id}", SMALL, meeting_delete, 0, NULL },
    { VTB_WEB_PUT, "/api/meetings/{id}/agenda", SMALL, agenda_put, 0, NULL },
    { VTB_WEB_POST, "/api/meetings/{id}/invitations", SMALL, invitation_make, 0, NULL },
    { VTB_WEB_POST, "/api/cases", SMALL, case_make, 0, NULL },
    { VTB_WEB_GET, "/api/cases/{id}", 0, case_get, 0, NULL },
    { VTB_WEB_PUT, "/api/cases/{id}", SMALL, case_put, 0, NULL },
    { VTB_WEB_POST, "/api/cases/{id}/documents", SMALL, document_begin, 0, NULL },
    { VTB_WEB_PUT, "/api/documents/{id}/content", VTB_WEB_BODY_PIECE, document_piece, VTB_WEB_LATE_BODY, NULL },
    { VTB_WEB_POST, "/api/documents/{id}/finish", SMALL, document_finish, 0, NULL },
    { VTB_WEB_GET, "/api/documents/{id}", 0, document_get, 0, NULL },
    { VTB_WEB_GET, "/api/documents/{id}/text/{page}", 0, document_text, 0, NULL },
    { VTB_WEB_DELETE, "/api/documents/{id}", SMALL, document_remove, 0, NULL },
    { VTB_WEB_GET, "/t/{document}/{digest}/{z}/{xy}", 0, tile_get, 0, NULL },
    { VTB_WEB_GET, "/api/records", 0, records_get, 0, NULL },
    { VTB_WEB_POST, "/api/plans/sign", SMALL, plan_sign, 0, NULL },
    { VTB_WEB_GET, "/api/plans/{id}", 0, plan_get, 0, NULL },
    { VTB_WEB_POST, "/api/plans/{id}/amend", SMALL, plan_amend, 0, NULL },
    { VTB_WEB_POST, "/api/plans/{id}/withdraw", SMALL, plan_withdraw, 0, NULL },
    { VTB_WEB_POST, "/api/plans/{id}/cosign", SMALL, plan_cosign, 0, NULL },
    { VTB_WEB_GET, "/api/cases/{id}/recordings", 0, case_recordings, 0, NULL },
    { VTB_WEB_GET, "/api/meetings/{id}/recordings", 0, meeting_recordings, 0, NULL },
    { VTB_WEB_GET, "/api/boards/{id}/recordings", 0, board_recordings, 0, NULL },
    { VTB_WEB_PUT, "/api/boards/{id}/recording", SMALL, board_recording_put, 0, NULL },
    { VTB_WEB_GET, "/api/recordings/{id}", 0, recording_get, 0, NULL },
    { VTB_WEB_GET, "/api/recordings/{id}/marks", 0, recording_marks, 0, NULL },
    { VTB_WEB_GET, "/api/recordings/{id}/film", 0, film_get, 0, NULL },
    { VTB_WEB_POST, "/api/recordings/{id}/film", SMALL, film_make, 0, NULL },
    { VTB_WEB_DELETE, "/api/recordings/{id}/film", SMALL, film_drop, 0, NULL },
    { VTB_WEB_GET, "/api/recordings/{id}/film.webm", 0, film_bytes, 0, NULL },
    { VTB_WEB_GET, "/api/recordings/{id}/sound", 0, recording_sound, 0, NULL },
    { VTB_WEB_PUT, "/api/recordings/{id}/until", SMALL, recording_keep, 0, NULL },
    { VTB_WEB_DELETE, "/api/recordings/{id}", SMALL, recording_remove, 0, NULL },
    { VTB_WEB_POST, "/api/boards/{id}/devices", SMALL, device_make, 0, NULL },
    { VTB_WEB_GET, "/api/boards/{id}/devices", 0, device_list, 0, NULL },
    { VTB_WEB_DELETE, "/api/devices/{id}", SMALL, device_revoke, 0, NULL },
    { VTB_WEB_POST, "/whip", OFFER, whip_post, VTB_WEB_ANY_ORIGIN, NULL },
    { VTB_WEB_OPTIONS, "/whip", 0, whip_options, VTB_WEB_ANY_ORIGIN, NULL },
    { VTB_WEB_PATCH, "/whip/{session}", OFFER, whip_patch, VTB_WEB_ANY_ORIGIN, NULL },
    { VTB_WEB_DELETE, "/whip/{session}", OFFER, whip_delete, VTB_WEB_ANY_ORIGIN, NULL },
    { VTB_WEB_OPTIONS, "/whip/{session}", 0, whip_session_options, VTB_WEB_ANY_ORIGIN, NULL },
    { VTB_WEB_POST, "/whep", OFFER, whip_post, VTB_WEB_ANY_ORIGIN, NULL },
    { VTB_WEB_OPTIONS, "/whep", 0, whip_options, VTB_WEB_ANY_ORIGIN, NULL },
    { VTB_WEB_PATCH, "/whep/{session}", OFFER, whip_patch, VTB_WEB_ANY_ORIGIN, NULL },
    { VTB_WEB_DELETE, "/whep/{session}", OFFER, whip_delete, VTB_WEB_ANY_ORIGIN, NULL },
    { VTB_WEB_OPTIONS, "/whep/{session}", 0, whip_session_options, VTB_WEB_ANY_ORIGIN, NULL },
    { VTB_WEB_GET, "/api/site/key", 0, site_key, 0, NULL },
    { 0 },
};

enum vtb_err vtb_api_create(const struct vtb_api_config *cfg, struct vtb_api **out)
{
    struct vtb_api *api = calloc(1, sizeof *api);
    enum vtb_err err = VTB_NOMEM;

    if (!api)
        return VTB_NOMEM;
    api->cfg = *cfg;
    api->scratch = calloc(1, sizeof *api->scratch);
    if (api->scratch)
        err = vtb_throttle_create(&api->throttle);
    if (err) {
        vtb_api_destroy(api);
        return err;
    }
    vtb_key_of_seed(cfg->sign_seed, api->key);
    *out = api;
    return VTB_OK;
}

void vtb_api_attach(struct vtb_api *api, struct vtb_web *web)
{
    api->web = web;
}

void vtb_api_stop(struct vtb_api *api)
{
    api->is_stopped = true;
}

void vtb_api_destroy(struct vtb_api *api)
{
    if (!api)
        return;
    imports_free(api);
    vtb_throttle_destroy(api->throttle);
    free(api->scratch);
    free(api);
}
