/* hdf5.c -- the asking side: starts the process that reads, takes its list without trust,
 * finds words and columns in it. */
#include "core/hdf5/hdf5.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/num.h"
#include "core/base/str.h"
#include "core/hdf5/hdf5_reader.h"
#include "core/hdf5/hdf5_wire.h"

enum { ENTRIES_MAX = 100000, LIST_S = 60, RANGE_S = 900 };

/* A process that is born meanwhile would hold the reader's end of the socket open. */
static pthread_mutex_t birth = PTHREAD_MUTEX_INITIALIZER;

struct hdf5_reader {
    pid_t pid;
    int socket; /* -1: it has ended */
};

/* --- the process ---------------------------------------------------------------------- */

/* How it ended, in words; NULL: by itself. */
static const char *end_reader(struct hdf5_reader *r, struct arena *arena)
{
    int status = 0;
    if (r->socket < 0)
        return NULL;
    close(r->socket);
    r->socket = -1;
    kill(r->pid, SIGKILL);
    while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL
               ? arena_format(arena, " (signal %d)", WTERMSIG(status))
               : NULL;
}

static void end_with_arena(void *reader)
{
    struct hdf5_reader *r = reader;
    if (r->socket < 0)
        return;
    close(r->socket);
    r->socket = -1;
    kill(r->pid, SIGKILL);
    while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* False: neither process nor socket. */
static bool bear(int fd, struct hdf5_reader *r)
{
    int pair[2];
    pthread_mutex_lock(&birth);
    bool ok = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0;
    if (ok) {
        *r = (struct hdf5_reader){.pid = fork(), .socket = pair[0]};
        if (r->pid == 0)
            hdf5_reader_main(fd, pair[1]);
        close(pair[1]);
        ok = r->pid > 0;
        if (!ok)
            close(pair[0]);
    }
    pthread_mutex_unlock(&birth);
    return ok;
}

static struct hdf5_reader *start_reader(int fd, struct arena *arena, struct err *e)
{
    struct hdf5_reader *r = arena_new_one(arena, struct hdf5_reader);
    bool is_born = r && bear(fd, r);
    if (is_born && arena_defer(arena, end_with_arena, r))
        return r;
    if (is_born)
        end_with_arena(r);
    err_set(e, ERR_BUSY, "no process can be started to read the file");
    return NULL;
}

/* Its last word, or that there was none. */
static bool fail(const struct hdf5_file *f, struct arena *arena,
                 const struct wire_head *head, const char *text, struct err *e)
{
    bool has_words = head->kind == WIRE_ERROR && head->len > 0;
    const char *how = has_words ? NULL : end_reader(f->reader, arena);
    if (has_words)
        return err_set(e, ERR_USAGE, "the HDF5 file cannot be read: %.400s", text);
    return err_set(e, ERR_USAGE,
                   "the HDF5 file is damaged: libhdf5 did not come to an end with it%s",
                   how ? how : "");
}

/* --- the list ------------------------------------------------------------------------- */

struct taker {
    struct hdf5_file *f;
    struct arena *arena;
    struct hdf5_word *word;
    struct hdf5_column *column;
};

static void *longer(struct arena *arena, void *old, uint32_t n, size_t size)
{
    if (n & (n + 1)) /* room is made at 0, 1, 3, 7, ... */
        return old;
    void *more = arena_alloc(arena, 2 * (size_t)n + 1, size);
    if (more && old)
        memcpy(more, old, n * size);
    return more;
}

static const char *keep(const struct taker *t, const char *text)
{
    return arena_text(t->arena, str_of(text));
}

static bool take_word(struct taker *t, const char *const *part)
{
    struct hdf5_file *f = t->f;
    t->word = longer(t->arena, t->word, f->nword, sizeof *t->word);
    if (!t->word)
        return false;
    struct hdf5_word *w = &t->word[f->nword++];
    *w = (struct hdf5_word){keep(t, part[0]), keep(t, part[1]), keep(t, part[2])};
    f->word = t->word;
    return w->object && w->name && w->text;
}

static bool take_column(struct taker *t, const char *const *part)
{
    struct hdf5_file *f = t->f;
    t->column = longer(t->arena, t->column, f->ncolumn, sizeof *t->column);
    if (!t->column)
        return false;
    struct hdf5_column *c = &t->column[f->ncolumn++];
    *c = (struct hdf5_column){.dataset = keep(t, part[0]),
                              .member = part[1][0] ? keep(t, part[1]) : NULL,
                              .shape = keep(t, part[2]),
                              .is_number = part[3][0] != '\0'};
    f->column = t->column;
    return c->dataset && c->shape && (c->member || !part[1][0]);
}

static bool take_entry(struct taker *t, const struct wire_head *head, const char *text,
                       struct err *e)
{
    const char *part[WIRE_PARTS];
    if (t->f->nword + t->f->ncolumn >= ENTRIES_MAX)
        return err_set(e, ERR_USAGE,
                       "the HDF5 file has more than %d attributes and columns",
                       ENTRIES_MAX);
    if (head->kind == WIRE_WORD && wire_parts(head, text, part, 3))
        return take_word(t, part) ||
               err_set(e, ERR_LIMIT, "no memory for the file's words");
    if (head->kind == WIRE_COLUMN && wire_parts(head, text, part, 4))
        return take_column(t, part) ||
               err_set(e, ERR_LIMIT, "no memory for the file's columns");
    return fail(t->f, t->arena, head, text, e);
}

struct hdf5_file *hdf5_open(int fd, struct arena *arena, struct err *e)
{
    char text[WIRE_BYTES + 1];
    struct wire_head head = {0};
    struct hdf5_file *f = arena_new_one(arena, struct hdf5_file);
    struct taker t = {.f = f, .arena = arena};
    if (!f || !(f->reader = start_reader(fd, arena, e))) {
        err_set(e, ERR_LIMIT, "no memory for a file");
        return NULL;
    }
    int64_t deadline_ns = clock_deadline_ns(LIST_S);
    for (;;) {
        head = (struct wire_head){0};
        if (!wire_receive(f->reader->socket, &head, text, deadline_ns)) {
            head.kind = 0;
            fail(f, arena, &head, text, e);
            return NULL;
        }
        if (head.kind == WIRE_END)
            return f;
        if (!take_entry(&t, &head, text, e))
            return NULL;
    }
}

/* --- words ---------------------------------------------------------------------------- */

static bool put(char out[HDF5_WORD_BYTES], const char *text)
{
    snprintf(out, HDF5_WORD_BYTES, "%s", text);
    return text[0] != '\0';
}

static bool find_word(const struct hdf5_file *f, str object, const char *name,
                      char out[HDF5_WORD_BYTES])
{
    for (uint32_t i = 0; i < f->nword; i++)
        if (str_eq(str_of(f->word[i].object), object) && strcmp(f->word[i].name, name) == 0)
            return put(out, f->word[i].text);
    return false;
}

/* "/a/b" or "/a/b[1]". */
static bool find_shape(const struct hdf5_file *f, const char *name,
                       char out[HDF5_WORD_BYTES])
{
    str path = str_of(name);
    size_t mark = str_find(path, '[');
    int64_t axis = -1;
    if (mark < path.len) {
        str number = {path.at + mark + 1, path.len - mark - 1};
        if (number.len < 2 || number.at[--number.len] != ']' ||
            !num_parse_int(number, &axis) || axis < 0)
            return false;
        path.len = mark;
    }
    for (uint32_t i = 0; i < f->ncolumn; i++) {
        const struct hdf5_column *c = &f->column[i];
        if (c->member || !str_eq(str_of(c->dataset), path))
            continue;
        str rest = str_of(c->shape), one = rest;
        for (int64_t k = 0; k <= axis && rest.at; k++)
            one = str_cut(&rest, 'x');
        snprintf(out, HDF5_WORD_BYTES, "%.*s", STR_FMT(one));
        return one.at && one.len > 0;
    }
    return false;
}

bool hdf5_word(const struct hdf5_file *f, const char *object, const char *name,
               char out[HDF5_WORD_BYTES])
{
    const char *at = strrchr(name, '@');
    if (at && name[0] == '/') {
        str of = {name, (size_t)(at - name)};
        bool is_root = of.len == 0;
        if (of.len > 1 && of.at[of.len - 1] == '/')
            of.len--;
        return find_word(f, is_root ? STR("/") : of, at + 1, out);
    }
    if (name[0] == '/')
        return find_shape(f, name, out);
    return (object && find_word(f, str_of(object), name, out)) ||
           find_word(f, STR("/"), name, out);
}

/* --- columns -------------------------------------------------------------------------- */

static str last_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return str_of(slash ? slash + 1 : path);
}

static bool is_in(const char *dataset, const char *group, const char *name)
{
    size_t n = strcmp(group, "/") == 0 ? 0 : strlen(group);
    return strncmp(dataset, group, n) == 0 && dataset[n] == '/' &&
           strcmp(dataset + n + 1, name) == 0;
}

static bool is_column(const struct hdf5_column *c, const char *object, const char *name)
{
    if (name[0] == '/')
        return !c->member && strcmp(c->dataset, name) == 0;
    if (object)
        return c->member ? strcmp(c->dataset, object) == 0 && strcmp(c->member, name) == 0
                         : is_in(c->dataset, object, name);
    return c->member ? strcmp(c->member, name) == 0
                     : str_eq(last_of(c->dataset), str_of(name));
}

const struct hdf5_column *hdf5_column(const struct hdf5_file *f, const char *object,
                                      const char *name)
{
    for (uint32_t i = 0; i < f->ncolumn; i++)
        if (is_column(&f->column[i], object, name))
            return &f->column[i];
    return NULL;
}

const char *hdf5_unit(const struct hdf5_file *f, const struct hdf5_column *c)
{
    static const char *const NAMES[] = {"unit", "units", "UNIT", "UNITS", "Unit", "Units"};
    for (uint32_t i = 0; !c->member && i < f->nword; i++)
        for (size_t k = 0; k < sizeof NAMES / sizeof *NAMES; k++)
            if (strcmp(f->word[i].object, c->dataset) == 0 &&
                strcmp(f->word[i].name, NAMES[k]) == 0)
                return f->word[i].text;
    return NULL;
}

bool hdf5_range(const struct hdf5_file *f, const struct hdf5_column *c,
                struct hdf5_range *r, struct err *e)
{
    char text[WIRE_BYTES + 1];
    struct wire_head head = {0};
    const char *part[] = {c->dataset, c->member};
    struct arena *scratch = arena_new(4096);
    struct hdf5_reader *reader = f->reader;
    bool ok = reader->socket >= 0 && wire_send_parts(reader->socket, WIRE_ASK, part, 2) &&
              wire_receive(reader->socket, &head, text, clock_deadline_ns(RANGE_S));
    if (!ok)
        head.kind = 0;
    ok = ok && head.kind == WIRE_RANGE && head.len == sizeof *r;
    if (ok)
        memcpy(r, text, sizeof *r);
    else if (head.kind != WIRE_ERROR)
        fail(f, scratch, &head, text, e);
    else
        err_set(e, ERR_USAGE, "the HDF5 file cannot be read: %s%s%s: %.300s", c->dataset,
                c->member ? "." : "", c->member ? c->member : "", text);
    arena_free(scratch);
    return ok;
}
