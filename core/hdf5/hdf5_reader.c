/* hdf5_reader.c -- the process that reads one file: it gives up what it does not need, then
 * lists what is in the file, then measures columns as it is asked. */
#include "core/hdf5/hdf5_reader.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/num.h"
#include "core/hdf5/hdf5_wire.h"

/* Sanitizers reserve more than any limit. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HDF5_HAS_SHADOW 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HDF5_HAS_SHADOW 1
#endif
#endif

enum {
    OBJECTS_MAX = 20000,
    ATTRIBUTES_MAX = 1000, /* of an object */
    ATTRIBUTE_BYTES = 64 * 1024,
    ATTRIBUTE_VALUES = 16, /* longer arrays are no words */
    MEMBERS_MAX = 1000,
    DEPTH_MAX = 32,
    PATH_BYTES = 4096,
    AXES_MAX = 32,
    CPU_S = 600
};

struct lister {
    hid_t file;
    int socket;
    int nobject, depth, nseen;
    haddr_t seen[OBJECTS_MAX]; /* objects of several links, which may lead in circles */
    char path[PATH_BYTES];     /* of the group at hand, "" for the root */
    const char *why;
};

/* --- locked in ------------------------------------------------------------------------ */

static void limit_itself(void)
{
    const struct rlimit none = {0, 0}, cpu = {CPU_S, CPU_S + 5};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    setrlimit(RLIMIT_FSIZE, &none);
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_CPU, &cpu);
#ifndef HDF5_HAS_SHADOW
    static const rlim_t BYTES = (rlim_t)2 << 30;
    const struct rlimit memory = {BYTES, BYTES};
    setrlimit(RLIMIT_DATA, &memory);
#endif
}

/* No further file can be opened: links and storage in other files, plug-ins and the like
 * end in an error of the kernel's. */
static void lock_in(void)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_NOFILE, &none);
}

static void keep_only(int fd, int socket)
{
    unsigned low = (unsigned)(fd < socket ? fd : socket);
    unsigned high = (unsigned)(fd < socket ? socket : fd);
    if (low > 3)
        close_range(3, low - 1, 0);
    if (high > low + 1)
        close_range(low + 1, high - 1, 0);
    close_range(high + 1, ~0U, 0);
}

static void own_signals(void)
{
    static const int NUMBERS[] = {SIGINT,  SIGTERM, SIGHUP,  SIGSEGV, SIGBUS,
                                  SIGABRT, SIGFPE,  SIGXCPU, SIGXFSZ};
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++)
        signal(NUMBERS[i], SIG_DFL);
}

static hid_t open_file(int fd)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLset_loading_state(0);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_file_locking(access, 0, 1);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    return file;
}

static herr_t deepest(unsigned n, const H5E_error2_t *error, void *text)
{
    (void)n;
    snprintf(text, 200, "%s", error->desc ? error->desc : "");
    return 0;
}

static void say_error(int socket, const char *what)
{
    char reason[200] = "", text[320];
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, deepest, reason);
    snprintf(text, sizeof text, "%s%s%s", what, reason[0] ? ": " : "", reason);
    const char *part[] = {text};
    wire_send_parts(socket, WIRE_ERROR, part, 1);
}

/* --- attributes ----------------------------------------------------------------------- */

/* Of fixed or variable length; printable or nothing. */
static bool text_value(hid_t attribute, hid_t type, char out[HDF5_WORD_BYTES])
{
    bool is_variable = H5Tis_variable_str(type) > 0;
    size_t size = is_variable ? sizeof(char *) : H5Tget_size(type);
    if (size == 0 || size > ATTRIBUTE_BYTES)
        return false;
    char *read = calloc(1, size + 1), *own = NULL;
    hid_t memory = H5Tcopy(H5T_C_S1);
    H5Tset_size(memory, is_variable ? H5T_VARIABLE : size + 1);
    H5Tset_cset(memory, H5Tget_cset(type));
    bool ok = read && H5Aread(attribute, memory, is_variable ? (void *)&own : read) >= 0;
    const char *text = is_variable ? own : read;
    if (ok && text)
        snprintf(out, HDF5_WORD_BYTES, "%s", text);
    H5Tclose(memory);
    if (own)
        H5free_memory(own);
    free(read);
    for (size_t n = ok && text ? strlen(out) : 0; n > 0 && out[n - 1] == ' ';)
        out[--n] = '\0';
    return ok && text && out[0];
}

static bool number_values(hid_t attribute, hid_t type, size_t n, char out[HDF5_WORD_BYTES])
{
    double value[ATTRIBUTE_VALUES];
    int64_t whole[ATTRIBUTE_VALUES];
    bool is_whole = H5Tget_class(type) == H5T_INTEGER;
    hid_t memory = is_whole ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
    if (H5Aread(attribute, memory, is_whole ? (void *)whole : (void *)value) < 0)
        return false;
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        char one[NUM_TEXT_BYTES] = "";
        size_t len =
            is_whole ? num_print_int(whole[i], one) : num_print_double(value[i], one);
        if (at + len + 2 > HDF5_WORD_BYTES)
            return false;
        if (i)
            out[at++] = ' ';
        memcpy(out + at, one, len);
        at += len;
    }
    out[at] = '\0';
    return at > 0;
}

static void list_attribute(struct lister *l, hid_t object, const char *path, hsize_t i)
{
    char name[256] = "", text[HDF5_WORD_BYTES] = "";
    hid_t a = H5Aopen_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, i, H5P_DEFAULT,
                             H5P_DEFAULT);
    if (a < 0)
        return;
    hid_t type = H5Aget_type(a), space = H5Aget_space(a);
    hssize_t n = H5Sget_simple_extent_npoints(space);
    H5T_class_t class = H5Tget_class(type);
    bool ok = H5Aget_name(a, sizeof name, name) > 0 && n > 0;
    if (ok && class == H5T_STRING)
        ok = n == 1 && text_value(a, type, text);
    else if (ok)
        ok = (class == H5T_INTEGER || class == H5T_FLOAT) && n <= ATTRIBUTE_VALUES &&
             number_values(a, type, (size_t)n, text);
    const char *part[] = {path, name, text};
    if (ok && !wire_send_parts(l->socket, WIRE_WORD, part, 3))
        _exit(0);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(a);
}

static void list_attributes(struct lister *l, hid_t object, const char *path)
{
    H5O_info_t info;
    if (H5Oget_info2(object, &info, H5O_INFO_NUM_ATTRS) < 0)
        return;
    hsize_t n = info.num_attrs < ATTRIBUTES_MAX ? info.num_attrs : ATTRIBUTES_MAX;
    for (hsize_t i = 0; i < n; i++)
        list_attribute(l, object, path, i);
}

/* --- datasets, groups ----------------------------------------------------------------- */

bool hdf5_reader_is_number(hid_t type)
{
    H5T_class_t class = H5Tget_class(type);
    if (class == H5T_ARRAY) {
        hid_t base = H5Tget_super(type);
        class = H5Tget_class(base);
        H5Tclose(base);
    }
    return class == H5T_INTEGER || class == H5T_FLOAT;
}

static void shape_of(hid_t dataset, char out[256])
{
    hsize_t size[AXES_MAX];
    hid_t space = H5Dget_space(dataset);
    int n = H5Sget_simple_extent_ndims(space);
    size_t at = 0;
    snprintf(out, 256, "1");
    if (n > 0 && n <= AXES_MAX && H5Sget_simple_extent_dims(space, size, NULL) == n)
        for (int i = 0; i < n && at < 220; i++)
            at += (size_t)snprintf(out + at, 256 - at, "%s%llu", i ? "x" : "",
                                   (unsigned long long)size[i]);
    H5Sclose(space);
}

static void list_column(struct lister *l, const char *path, const char *member,
                        const char *shape, hid_t type)
{
    const char *part[] = {path, member, shape, hdf5_reader_is_number(type) ? "number" : ""};
    if (!wire_send_parts(l->socket, WIRE_COLUMN, part, 4))
        _exit(0);
}

static void list_dataset(struct lister *l, hid_t dataset, const char *path)
{
    char shape[256];
    hid_t type = H5Dget_type(dataset);
    shape_of(dataset, shape);
    list_column(l, path, NULL, shape, type);
    int n = H5Tget_class(type) == H5T_COMPOUND ? H5Tget_nmembers(type) : 0;
    for (int i = 0; i < n && i < MEMBERS_MAX; i++) {
        char *name = H5Tget_member_name(type, (unsigned)i);
        hid_t member = H5Tget_member_type(type, (unsigned)i);
        if (name && member >= 0)
            list_column(l, path, name, shape, member);
        if (member >= 0)
            H5Tclose(member);
        H5free_memory(name);
    }
    H5Tclose(type);
}

static bool list_object(struct lister *l, hid_t object);

static bool is_seen(struct lister *l, hid_t object)
{
    H5O_info_t info;
    if (H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0 || info.rc < 2)
        return false;
    for (int i = 0; i < l->nseen; i++)
        if (l->seen[i] == info.addr)
            return true;
    if (l->nseen < OBJECTS_MAX)
        l->seen[l->nseen++] = info.addr;
    return false;
}

/* Hard links only: others may lead out of the file. */
static herr_t take_link(hid_t group, const char *name, const H5L_info_t *info, void *what)
{
    struct lister *l = what;
    size_t before = strlen(l->path), len = strlen(name);
    if (info->type != H5L_TYPE_HARD || len == 0)
        return 0;
    if (before + len + 2 > sizeof l->path || l->depth >= DEPTH_MAX) {
        l->why = "its groups lie too deep in each other";
        return -1;
    }
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0) {
        l->why = "one of its objects cannot be read";
        return -1;
    }
    l->path[before] = '/';
    memcpy(l->path + before + 1, name, len + 1);
    l->depth++;
    bool ok = is_seen(l, object) || list_object(l, object);
    l->depth--;
    l->path[before] = '\0';
    H5Oclose(object);
    return ok ? 0 : -1;
}

static bool list_object(struct lister *l, hid_t object)
{
    const char *path = l->path[0] ? l->path : "/";
    H5I_type_t type = H5Iget_type(object);
    if (++l->nobject > OBJECTS_MAX) {
        l->why = "it has more than 20000 objects";
        return false;
    }
    list_attributes(l, object, path);
    if (type == H5I_DATASET)
        list_dataset(l, object, path);
    if (type != H5I_GROUP)
        return true;
    if (H5Literate(object, H5_INDEX_NAME, H5_ITER_INC, NULL, take_link, l) >= 0)
        return true;
    l->why = l->why ? l->why : "one of its groups cannot be read";
    return false;
}

/* --- the process ---------------------------------------------------------------------- */

static void answer(hid_t file, int socket, const struct wire_head *head, const char *text)
{
    const char *part[2];
    char why[256] = "";
    struct hdf5_range r;
    if (head->kind != WIRE_ASK || !wire_parts(head, text, part, 2))
        _exit(1);
    H5Eclear2(H5E_DEFAULT);
    if (hdf5_reader_range(file, part[0], part[1][0] ? part[1] : NULL, &r, why))
        wire_send(socket, WIRE_RANGE, &r, sizeof r);
    else
        say_error(socket, why);
}

_Noreturn void hdf5_reader_main(int fd, int socket)
{
    struct wire_head head;
    static char text[WIRE_BYTES + 1];
    own_signals();
    keep_only(fd, socket);
    limit_itself();
    hid_t file = open_file(fd);
    lock_in();
    if (file < 0) {
        say_error(socket, "libhdf5 does not open it");
        _exit(0);
    }
    static struct lister l;
    l = (struct lister){.file = file, .socket = socket};
    hid_t root = H5Oopen(file, "/", H5P_DEFAULT);
    if (root < 0 || !list_object(&l, root)) {
        say_error(socket, l.why ? l.why : "its root cannot be read");
        _exit(0);
    }
    H5Oclose(root);
    wire_send(socket, WIRE_END, "", 0);
    while (wire_receive(socket, &head, text, CLOCK_NEVER))
        answer(file, socket, &head, text);
    _exit(0);
}
