/*
 * main.c - one program, several subcommands.
 */
#include "admin.h"
#include "app/options.h"
#include "record/sign.h"
#include "serve.h"
#include "store/backup.h"

#include <stdio.h>
#include <string.h>

static int help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("consilium serve [--option=value ...]     serves; options below\n"
         "consilium user DATA list                 people and their ids\n"
         "consilium user DATA add NAME SPECIALTY SITE EMAIL\n"
         "consilium user DATA pin PERSON...        reads a PIN from standard input, a line each\n"
         "consilium user DATA password PERSON      reads a password from standard input\n"
         "consilium load DATA FILE.jsonl           appends events; the server must not run\n"
         "consilium key DATA                       the site's public key and its fingerprint\n"
         "consilium verify FILE.json --key PUB     checks a plan file, needs no server\n"
         "consilium backup DATA OUT --passphrase-file F    while the server runs\n"
         "consilium restore OUT DATA --passphrase-file F\n"
         "\nOptions of serve:\n");
    vtb_options_help(stdout);
    return 0;
}

/* verify wants its own word in front, like a program of its own. */
static int verify(int argc, char **argv)
{
    return vtb_verify_main(argc + 1, argv - 1);
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv); /* without the program and the subcommand */
} commands[] = {
    { "serve", vtb_serve_main },   { "user", vtb_user_main },     { "load", vtb_load_main },
    { "key", vtb_key_main },       { "verify", verify }, { "backup", vtb_backup_main },
    { "restore", vtb_restore_main }, { "help", help },            { "--help", help },
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    fprintf(stderr, "consilium: name a subcommand; `consilium help` lists them\n");
    return 2;
}
