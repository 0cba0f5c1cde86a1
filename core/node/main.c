/* main.c -- the program: a word says which command. */
#include <malloc.h>
#include <stdio.h>

#include "core/node/node.h"
#include "datalink/datalink.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} COMMANDS[] = {
    {"serve", command_serve, "serve --conf FILE [--port N] [--state FOLDER]   the node"},
    {"check", command_check, "check --conf FILE               is the configuration right?"},
    {"adql", command_adql, "adql [--lines] [--conf FILE] [--sql|--explain] [QUERY]"},
    {"load", command_load,
     "load ...                        tables into the embedded store"},
    {"scan", command_scan, "scan --conf FILE ...             data files into the registry"},
    {"describe", command_describe, "describe ...                    drafts a description"},
    {"cutout", datalink_cutout_command,
     "cutout FILE --out FILE ...      a part of a FITS file"},
    {"samp", command_samp,
     "samp send URL ...                 to TOPCAT, Aladin, notebooks"},
    {"demo-data", command_demo_data, "demo-data --out FILE            makes the demo data"},
};

static int help(FILE *to)
{
    fprintf(to, "Colure %s, a node of the Virtual Observatory\n\n", NODE_VERSION);
    for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++)
        fprintf(to, "  colure %s\n", COMMANDS[i].help);
    return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    mallopt(M_ARENA_MAX,
            2); /* as many as threads would keep memory that none of them uses */
    if (argc < 2)
        return help(stderr);
    str word = str_of(argv[1]);
    if (str_eq(word, STR("--version"))) {
        puts("Colure " NODE_VERSION);
        return 0;
    }
    if (str_eq(word, STR("help")) || str_eq(word, STR("--help")))
        return help(stdout);
    for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++)
        if (str_eq(word, str_of(COMMANDS[i].name)))
            return COMMANDS[i].run(argc - 2, argv + 2);
    fprintf(stderr, "colure: there is no command %s\n", argv[1]);
    return help(stderr);
}
