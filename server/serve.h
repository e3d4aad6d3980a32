/*
 * serve.h - starts and stops the server: configuration, store, keys, media, live, api, web, in
 * this order, and back.
 *
 * Thread: becomes the control thread. Blocks until SIGTERM or SIGINT. Returns an exit status.
 */
#ifndef VTB_SERVE_H
#define VTB_SERVE_H

int vtb_serve_main(int argc, char **argv);

#endif
