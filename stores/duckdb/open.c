/* open.c -- opens an instance in memory, attaches the databases, and locks it: from then on
 * no SQL can read a file, load code or change a setting. */
#include "stores/duckdb/internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/num.h"

enum { OPTIONS_BYTES = 1 << 18, SQL_BYTES = 1 << 16 };

struct attach {
    str name;
    const char *path;
};

struct options {
    const char *library, *database, *attach_name;
    const char *memory_limit, *threads, *temp_directory, *max_temp_directory_size;
    const char *spool_directory, *writable;
    struct attach attach[ATTACH_MAX];
    size_t nattach;
};

/* --- options ---------------------------------------------------------------------------
 */

static const struct option_name {
    const char *name;
    size_t at;
} OPTION_NAMES[] = {
    {"library", offsetof(struct options, library)},
    {"database", offsetof(struct options, database)},
    {"attach", offsetof(struct options, attach_name)},
    {"memory_limit", offsetof(struct options, memory_limit)},
    {"threads", offsetof(struct options, threads)},
    {"temp_directory", offsetof(struct options, temp_directory)},
    {"max_temp_directory_size", offsetof(struct options, max_temp_directory_size)},
    {"spool_directory", offsetof(struct options, spool_directory)},
    {"writable", offsetof(struct options, writable)},
};

static bool is_plain_name(str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = ascii_lower(name.at[i]);
        bool is_digit = c >= '0' && c <= '9';
        if (!((c >= 'a' && c <= 'z') || c == '_' || (is_digit && i > 0)))
            return false;
    }
    return name.len > 0 && name.len < 64;
}

static bool is_reserved_database(str name)
{
    return str_eq_fold(name, STR("memory")) || str_eq_fold(name, STR("system")) ||
           str_eq_fold(name, STR("temp")) || str_eq_fold(name, STR("main"));
}

static enum store_status add_attach(struct options *o, str name, const char *path,
                                    struct store_error *e)
{
    if (!is_plain_name(name) || is_reserved_database(name))
        return fail(e, STORE_INVALID,
                    "\"%.*s\" cannot name an attached database: letters, digits and _, "
                    "not memory, system, temp or main",
                    STR_FMT(name));
    for (size_t i = 0; i < o->nattach; i++)
        if (str_eq_fold(o->attach[i].name, name))
            return fail(e, STORE_INVALID, "two databases are attached as \"%.*s\"",
                        STR_FMT(name));
    if (o->nattach == ATTACH_MAX)
        return fail(e, STORE_INVALID, "more than %d attached databases", ATTACH_MAX);
    o->attach[o->nattach++] = (struct attach){name, path};
    return STORE_OK;
}

static enum store_status read_option(struct options *o, const struct store_option *option,
                                     struct store_error *e)
{
    static const char PREFIX[] = "attach.";
    if (strncmp(option->name, PREFIX, sizeof PREFIX - 1) == 0)
        return add_attach(o, str_of(option->name + sizeof PREFIX - 1), option->value, e);
    for (size_t i = 0; i < sizeof OPTION_NAMES / sizeof *OPTION_NAMES; i++)
        if (strcmp(option->name, OPTION_NAMES[i].name) == 0) {
            memcpy((char *)o + OPTION_NAMES[i].at, &option->value, sizeof option->value);
            return STORE_OK;
        }
    return fail(e, STORE_INVALID,
                "unknown option \"%s\" of a duckdb store; there are library, database, "
                "attach, attach.NAME, memory_limit, threads, temp_directory, "
                "max_temp_directory_size, spool_directory and writable",
                option->name);
}

static bool is_true(const char *value)
{
    return value && (strcmp(value, "1") == 0 || str_eq_fold(str_of(value), STR("true")) ||
                     str_eq_fold(str_of(value), STR("yes")));
}

static enum store_status read_options(struct options *o, const struct store_option *option,
                                      size_t noption, struct store_error *e)
{
    for (size_t i = 0; i < noption; i++)
        if (strcmp(option[i].name, "attach") == 0)
            o->attach_name = option[i].value;
    for (size_t i = 0; i < noption; i++) {
        enum store_status status = read_option(o, &option[i], e);
        if (status != STORE_OK)
            return status;
        if (strcmp(option[i].name, "database") == 0)
            status = add_attach(o, str_of(o->attach_name ? o->attach_name : "data"),
                                option[i].value, e);
        if (status != STORE_OK)
            return status;
    }
    for (size_t i = 0; i < o->nattach && !is_true(o->writable); i++)
        if (access(o->attach[i].path, R_OK) != 0)
            return fail(e, STORE_FAILED,
                        "database \"%.*s\": the file %s is not there or cannot be read; "
                        "fill it with `colure load`, or correct the path",
                        STR_FMT(o->attach[i].name), o->attach[i].path);
    return STORE_OK;
}

/* --- the instance -----------------------------------------------------------------------
 */

static enum store_status set_config(duck_config config, const char *name, const char *value,
                                    struct store_error *e)
{
    if (!value || duck.set_config(config, name, value) == DUCK_OK)
        return STORE_OK;
    return fail(e, STORE_INVALID, "DuckDB does not accept %s = \"%s\"", name, value);
}

/* Without a place of its own DuckDB would write to the current folder. A load spills beside
 * the file that it fills, as DuckDB does for a file of its own. */
static const char *temp_directory(struct store *s, const struct options *o)
{
    if (o->temp_directory)
        return o->temp_directory;
    if (o->spool_directory)
        return arena_format(s->arena, "%s/duckdb-temp", o->spool_directory);
    if (s->is_writable && o->nattach > 0)
        return arena_format(s->arena, "%s.tmp", o->attach[0].path);
    return "";
}

static enum store_status open_instance(struct store *s, const struct options *o,
                                       struct store_error *e)
{
    const struct {
        const char *name, *value;
    } setting[] = {
        {"memory_limit", o->memory_limit ? o->memory_limit : "1GB"},
        {"threads", o->threads},
        {"temp_directory", temp_directory(s, o)},
        {"max_temp_directory_size", o->max_temp_directory_size},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"allow_community_extensions", "false"},
        /* Below so many rows two limits (BETWEEN) are tried, not looked up. The default of
         * 1000 takes seconds where 30 takes tenths. */
        {"merge_join_threshold", "30"},
    };
    duck_config config = NULL;
    if (duck.create_config(&config) != DUCK_OK)
        return fail(e, STORE_FAILED, "no memory for DuckDB's configuration");
    enum store_status status = STORE_OK;
    for (size_t i = 0; i < sizeof setting / sizeof *setting && status == STORE_OK; i++)
        status = set_config(config, setting[i].name, setting[i].value, e);
    char *why = NULL;
    if (status == STORE_OK && duck.open_ext(NULL, &s->database, config, &why) != DUCK_OK)
        status = fail_duck(s->host, why, e);
    duck.free(why);
    duck.destroy_config(&config);
    if (status == STORE_OK && duck.connect(s->database, &s->control) != DUCK_OK)
        status = fail(e, STORE_FAILED, "DuckDB gives no connection");
    return status;
}

/* DuckDB's own lock is of the process and ends when any store of it closes the file; this
 * one lasts as long as the store. A writer that is there already is left to ATTACH. */
static int hold_file(const char *path)
{
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        (void)fcntl(fd, F_OFD_SETLK, &lock);
    return fd;
}

/* A file that is gone is no newer one. */
bool store_is_outdated(struct store *s)
{
    for (size_t i = 0; i < s->nattached; i++) {
        struct stat held, there;
        const struct attached_file *file = &s->file[i];
        if (file->fd >= 0 && fstat(file->fd, &held) == 0 && stat(file->path, &there) == 0 &&
            (held.st_dev != there.st_dev || held.st_ino != there.st_ino))
            return true;
    }
    return false;
}

static enum store_status attach_one(struct store *s, const struct attach *a,
                                    struct bytes *sql, struct store_error *e)
{
    bytes_clear(sql);
    bytes_add_literal(sql, "ATTACH ");
    put_literal(sql, str_of(a->path));
    bytes_add_literal(sql, " AS ");
    put_name(sql, a->name);
    if (!s->is_writable)
        bytes_add_literal(sql, " (READ_ONLY)");
    const char *text = bytes_text(sql);
    const char *name = arena_text(s->arena, a->name);
    const char *path = arena_text(s->arena, str_of(a->path));
    if (!text || !name || !path)
        return fail(e, STORE_LIMIT, "the path of database \"%.*s\" is too long",
                    STR_FMT(a->name));
    duck_result result;
    enum store_status status = STORE_OK;
    s->file[s->nattached] =
        (struct attached_file){path, s->is_writable ? -1 : hold_file(path)};
    s->attached[s->nattached++] = name;
    if (duck.query(s->control, text, &result) != DUCK_OK) {
        const char *why = duck.result_error(&result);
        status = fail(e, STORE_FAILED, "database \"%s\" cannot be attached: %.*s", name,
                      (int)strcspn(why, "\n"), why);
    }
    duck.destroy_result(&result);
    return status;
}

/* The order matters: after the last statement none of these can be said any more. */
static enum store_status lock_instance(struct store *s, const struct options *o,
                                       struct bytes *sql, struct store_error *e)
{
    bytes_clear(sql);
    if (o->spool_directory) {
        bytes_add_literal(sql, "SET allowed_directories = [");
        put_literal(sql, str_of(o->spool_directory));
        bytes_add_literal(sql, "]; ");
    }
    bytes_add_literal(sql, "SET GLOBAL TimeZone = 'UTC'; "
                           "SET enable_external_access = false; "
                           "SET lock_configuration = true");
    const char *text = bytes_text(sql);
    if (!text)
        return fail(e, STORE_LIMIT, "the path of the spool directory is too long");
    return statement_run(s->host, s->control, text, e);
}

/* Helping threads of our own in the place of DuckDB's, as many. */
static enum store_status take_workers(struct store *s, struct store_error *e)
{
    struct answer a;
    char sql[64];
    int64_t nthread = 1;
    enum store_status status = answer_open(
        &a, s->host, s->control, "SELECT CAST(current_setting('threads') AS VARCHAR)", e);
    if (status != STORE_OK)
        return status;
    if (answer_next(&a))
        num_parse_int(answer_text(&a, 0), &nthread);
    answer_close(&a);
    s->workers = workers_new(s->database, (uint32_t)(nthread - 1));
    if (!s->workers)
        return fail(e, STORE_LIMIT, "no memory for a store");
    snprintf(sql, sizeof sql, "SET GLOBAL external_threads = %lld", (long long)nthread);
    return statement_run(s->host, s->control, sql, e);
}

static enum store_status set_up(struct store *s, const struct options *o,
                                struct store_error *e)
{
    struct bytes sql;
    bytes_init(&sql, SQL_BYTES);
    s->is_writable = is_true(o->writable);
    enum store_status status = open_instance(s, o, e);
    for (size_t i = 0; i < o->nattach && status == STORE_OK; i++)
        status = attach_one(s, &o->attach[i], &sql, e);
    if (status == STORE_OK)
        status = functions_register(s->host, s->control, e);
    if (status == STORE_OK)
        status = take_workers(s, e);
    if (status == STORE_OK)
        status = lock_instance(s, o, &sql, e);
    bytes_free(&sql);
    return status;
}

static struct store *store_new(const struct store_host *host)
{
    struct arena *arena = arena_new(OPTIONS_BYTES);
    struct store *s = arena ? arena_new_one(arena, struct store) : NULL;
    if (!s) {
        arena_free(arena);
        return NULL;
    }
    s->host = host;
    s->arena = arena;
    s->timer = timer_new();
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

enum store_status store_open(const struct store_host *host,
                             const struct store_option *option, size_t noption,
                             struct store **out, struct store_error *e)
{
    struct options o = {0};
    char why[1000];
    *out = NULL;
    enum store_status status = read_options(&o, option, noption, e);
    if (status != STORE_OK)
        return status;
    if (!duck_load(o.library, why, sizeof why))
        return fail(e, STORE_FAILED, "%s", why);
    struct store *s = store_new(host);
    if (!s)
        return fail(e, STORE_LIMIT, "no memory for a store");
    status = s->timer ? set_up(s, &o, e) : fail(e, STORE_LIMIT, "no memory for a store");
    if (status != STORE_OK) {
        store_close(s);
        return status;
    }
    *out = s;
    return STORE_OK;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    while (s->idle) {
        struct store_session *session = s->idle;
        s->idle = session->next;
        session_free(session);
    }
    listing_drop(s->listing);
    timer_free(s->timer);
    workers_free(s->workers);
    if (s->control)
        duck.disconnect(&s->control);
    if (s->database)
        duck.close(&s->database);
    for (size_t i = 0; i < s->nattached; i++)
        if (s->file[i].fd >= 0)
            close(s->file[i].fd);
    pthread_mutex_destroy(&s->lock);
    arena_free(s->arena);
}
