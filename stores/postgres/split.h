/* split.h -- a plain scan that is read in parts: what split.c (whether, and of what) and
 * split_read.c (the connections) share. */
#ifndef STORES_POSTGRES_SPLIT_H
#define STORES_POSTGRES_SPLIT_H

#include "stores/postgres/scan.h"

enum {
    READERS_MAX = 16,   /* connections of one scan */
    SNAPSHOT_BYTES = 64 /* of an exported snapshot's name */
};

/* A connection of the scan, in the order of what happens on it. */
enum reader_state {
    READER_CONNECTS,
    READER_SETS,   /* what connect.c sets on each new connection */
    READER_BEGINS, /* the transaction, with the snapshot and the table's lock */
    READER_STARTS, /* COPY of a part */
    READER_COPIES,
    READER_ENDS_PART,
    READER_COMMITS,
    READER_RESTS /* nothing is left for it; only the lead still has its session */
};

struct reader {
    struct copy_stream stream; /* its session: the lead's is the scan's own */
    enum reader_state state;
    PostgresPollingStatusType polling; /* CONNECTS */
    bool has_settings;                 /* they are made within the transaction */
};

struct split {
    struct store *store;
    struct bytes before, after; /* COPY of a part: round its condition */
    struct bytes lock;          /* ACCESS SHARE, so that rows stay in their pages */
    const char *alias;
    char snapshot[SNAPSHOT_BYTES];
    uint64_t npage, part_pages, next_page; /* from next_page on nobody reads yet */
    bool is_all_given;                     /* the last part, which is open-ended, too */
    int64_t until_ns;                      /* statement_timeout is for all parts together */
    uint64_t nleft;                        /* rows that may still come */
    uint32_t nreader, turn;
    struct reader reader[]; /* the first is the lead */
};

/* The pages of a part: not fewer than are worth a statement, not more than others may have
 * to wait for. */
uint64_t split_part_pages(uint64_t npage, uint32_t nreader);
/* COPY of the next part. False: there is none left. */
bool split_next_part(struct split *, struct bytes *text);
/* Lets a connection join: whatever it takes happens while others are read. */
void split_begin_reader(struct store_scan *, struct reader *);

#endif
