/*
 * admin.h - what the operator does at the command line while the server does not run.
 * Each takes the arguments behind its subcommand and returns an exit status.
 */
#ifndef VTB_ADMIN_H
#define VTB_ADMIN_H

int vtb_user_main(int argc, char **argv);
int vtb_load_main(int argc, char **argv); /* events, one JSON object a line: {s, id, at, by, k, d} */
int vtb_key_main(int argc, char **argv);

#endif
