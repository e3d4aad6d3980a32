/* inner.h - what the files of this room share. */
#ifndef VTB_FILMS_INNER_H
#define VTB_FILMS_INNER_H

#include "films.h"

#include "media/recordings.h"

#include <limits.h>
#include <uv.h>

#define SAID_BYTES 512u

/* The sandboxed child of a film, and what it is given and says. */
struct film_child {
    uv_process_t process;
    uv_pipe_t in, words;
    uv_timer_t wall;
    uv_write_t write;
    unsigned handles;      /* open */
    bool is_started, is_over, is_writing;
    int64_t status;
    int signal;
    uint32_t percent;
    char said[SAID_BYTES]; /* the line that is coming in */
    size_t said_n;
    char scratch[4096];
    void (*written)(struct film_child *child, bool good); /* what was given went out */
    void (*over)(struct film_child *child);               /* exited, and everything is closed */
};

struct film_child_spec {
    const char *sandbox, *program, *folder;
    uid_t uid;
    int film; /* becomes its output */
};

enum vtb_err film_child_start(struct film_child *child, uv_loop_t *loop, const struct film_child_spec *spec);
/* One at a time; bytes are borrowed until `written`. */
enum vtb_err film_child_give(struct film_child *child, const uv_buf_t *parts, unsigned n);
void film_child_end_input(struct film_child *child);
void film_child_kill(struct film_child *child);

#endif
