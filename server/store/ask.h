/*
 * ask.h - the questions that vtb_store_ask answers.
 *
 * Behind each: parameters -> answer. Members have the names and types of protocols/http/
 * answers.json (ids and digests are text). "card" below is
 *   {person, name, specialty, site, administrator, has_pin, boards:[{board, name, role}]},
 * "case card" is case_card of answers.json but for gaps, complete and needed, which are judged by
 * server/record, and with {version, record (without the sealed referring_plan), has_referring_plan, referrer,
 * author, meeting, made_us, saved_us, documents_ready, documents_open} beside.
 * (VTB_ASK_* are the requests of the socket, hence VTB_FIND_*.) now_us is a parameter so that tests own the time.
 */
#ifndef VTB_STORE_ASK_H
#define VTB_STORE_ASK_H

enum vtb_question {
    /* -- people and sign-in -- */
    VTB_FIND_PERSON,          /* {person} -> card and email */
    VTB_FIND_PERSON_BY_EMAIL, /* {email} -> card, email and password (argon2id text or "") */
    VTB_FIND_PIN,             /* {person} -> {pin, password: argon2id texts or ""} */
    VTB_FIND_SIGNIN_LINK,     /* {token: sha256 hex} -> card, until_us */
    VTB_FIND_SESSION,         /* {token} -> card, session, how, opened_us, until_us,
                                invitation: null or as VTB_FIND_INVITATION. Closed: ABSENT */
    VTB_FIND_INVITATION,      /* {token} or {invitation} -> {invitation, meeting, board, board_name, starts_us,
                                minutes, meeting_state, person, name, specialty, site, items:[id], cases:[id],
                                until_us, made_us, by, bound, device} */
    VTB_FIND_INVITATIONS,     /* {meeting} -> {invitations:[the same]} */
    VTB_FIND_PEOPLE,          /* {q} -> {people:[person]}; name, site or specialty begin; at most 50 */

    /* -- boards and meetings -- */
    VTB_FIND_BOARDS,        /* {person} -> {boards:[board.saved and role]} */
    VTB_FIND_BOARD,         /* {board} -> board.saved */
    VTB_FIND_MEETINGS,      /* {board, from_us, to_us} -> {meetings:[meeting]}; the oldest 60 */
    VTB_FIND_MY_MEETINGS,   /* {person, from_us, to_us} -> {meetings:[meeting and role]}: member, guest with an
                              invitation (role guest, only own items), or referrer of an item (the same) */
    VTB_FIND_MEETING,       /* {meeting} -> {meeting, board, board_name, timezone, starts_us, minutes, required,
                              objection_s, members, state, opened_us, closed_us, version, items:[agenda_row without
                              gaps, with documents, plan, record, documents_ready]}; version 0: no agenda
                              yet */
    VTB_FIND_OPEN_MEETINGS, /* {} -> {meetings:[{meeting, opened_us}]}: opened and not closed */

    /* -- cases -- */
    VTB_FIND_MY_CASES,  /* {person} -> {cases:[case card]}: referrer or author; the newest 200 */
    VTB_FIND_UNSIGNED,  /* {person} -> {cases:[case card and meeting]}: items of closed meetings left open, on boards
                          where the person is chair, co-chair or coordinator */
    VTB_FIND_POOL,      /* {board, now_us} -> {cases:[case card]}: on no agenda of any board; or heard by this one,
                          without a plan that stands, and on none to come. Waiting longest first, at most 100 */
    VTB_FIND_CASE,      /* {case} -> {case, version, record, author, saved_us, documents:[..], plans:[plan_card],
                          items:[case_item]} */
    VTB_FIND_STANDING,  /* {case, person, now_us} -> {referrer, author, waiting (on no agenda of any board: their
                          coordinators and chairs may take it up), roles:[{board, role, meeting, item, meeting_state}],
                          guest:[{invitation, meeting, item, until_us}], running:[{meeting, item}], board_head
                          (coordinator, chair or co-chair of any board)} */
    VTB_FIND_SEARCH,    /* {person, q, page (0..), now_us, invitation} -> found, of case cards; empty q: newest first.
                          invitation: the id, of a session by invitation: then its cases and no others; else left out */
    VTB_FIND_AUDIT,     /* {case, limit} -> {views:[{person, name, at_us, how}]}; screen, meeting, search, pdf, json */

    /* -- documents -- */
    VTB_FIND_DOCUMENT,  /* {document} -> {document, case, title, kind, state, message, bytes, sha256, by, pages};
                          a removed one: ABSENT */
    VTB_FIND_DOCUMENTS, /* {case} -> {documents:[the same]} */
    VTB_FIND_UPLOADS,   /* {case} -> {bytes, files}: what counts against the limit of a case */
    VTB_FIND_IMPORTS,   /* {} -> {documents:[the same]}: added, neither ready nor failed */

    /* -- plans -- */
    VTB_FIND_PLANS,     /* {case} -> {plans:[plan_card and meeting, item]}, newest first */
    VTB_FIND_PLAN,      /* {plan} -> plan_full without state_text and key_is_ours, with {meeting, item, board, signer,
                          supersedes, superseded_by, state_reason, state_words, state_by_name, state_us} */

    /* -- recordings: recording_card of answers.json -- */
    VTB_FIND_RECORDINGS,         /* {case} -> {recordings:[card]}, oldest first, removed ones too */
    VTB_FIND_MEETING_RECORDINGS, /* {meeting} -> the same */
    VTB_FIND_RECORDING,          /* {recording} -> card and spans:[span of events.json], board, film:{state, bytes, until_us};
                                   state making: asked for, and its end is not written down */
    VTB_FIND_RECORDINGS_OPEN,    /* {} -> {recordings:[card]}: begun, and their end is not known */
    VTB_FIND_RECORDINGS_DUE,     /* {now_us} -> {recordings:[card]}: to be removed */
    VTB_FIND_BOARD_RECORDINGS,   /* {board} -> {recordings:[card]}, newest first, removed ones too */
    VTB_FIND_FILMS,              /* {now_us} -> {making:[recording], due:[recording]} */

    /* -- room systems: device_card of answers.json -- */
    VTB_FIND_DEVICE,  /* {token or device, now_us} -> card and {board, by, now}. now: the meeting that it belongs in, "":
                         none. Its own until that is closed; of a board the one that is open or begins within 30 min */
    VTB_FIND_DEVICES, /* {board, now_us} -> {devices:[card], live}: newest first, those that ended within 90 days too;
                         live: how many open something */
};
#define VTB_QUESTIONS ((unsigned)VTB_FIND_DEVICES + 1u)

#endif
