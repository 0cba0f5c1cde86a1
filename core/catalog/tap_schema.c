/* tap_schema.c -- TAP_SCHEMA describes itself: its five tables as part of every catalog
 * (TAP 1.1, "Metadata: TAP_SCHEMA"). */
#include <math.h>

#include "core/catalog/build.h"

enum { NN = 1, PRINCIPAL = 2, EXTRA = 4, PROSE = 8 };

/* In the order of the standard, our own at the end. */
/* clang-format off */
static const struct {
    const char *table, *name;
    enum store_type type;
    unsigned flags;
    const char *description, *ucd;
} COLUMN[] = {
    {"schemas", "schema_name", STORE_TEXT, NN | PRINCIPAL, "name of the schema", NULL},
    {"schemas", "utype", STORE_TEXT, 0, "data model of the schema", NULL},
    {"schemas", "description", STORE_TEXT, PRINCIPAL | PROSE, "what the schema holds", NULL},
    {"schemas", "schema_index", STORE_I32, 0, "recommended order of the schemas", NULL},

    {"tables", "schema_name", STORE_TEXT, NN | PRINCIPAL, "name of the schema it is in", NULL},
    {"tables", "table_name", STORE_TEXT, NN | PRINCIPAL, "name as used in queries", NULL},
    {"tables", "table_type", STORE_TEXT, NN, "table or view", NULL},
    {"tables", "utype", STORE_TEXT, 0, "data model of the table", NULL},
    {"tables", "description", STORE_TEXT, PRINCIPAL | PROSE, "what one row is", NULL},
    {"tables", "table_index", STORE_I32, 0, "recommended order of the tables", NULL},
    {"tables", "nrows", STORE_I64, EXTRA, "number of rows, approximately", "meta.number"},

    {"columns", "table_name", STORE_TEXT, NN | PRINCIPAL, "table that the column is in", NULL},
    {"columns", "column_name", STORE_TEXT, NN | PRINCIPAL, "name as used in queries", NULL},
    {"columns", "datatype", STORE_TEXT, NN | PRINCIPAL, "VOTable datatype", NULL},
    {"columns", "arraysize", STORE_TEXT, PRINCIPAL, "VOTable arraysize", NULL},
    {"columns", "xtype", STORE_TEXT, PRINCIPAL, "VOTable xtype", NULL},
    {"columns", "size", STORE_I32, 0, "length of a one-dimensional array; deprecated", NULL},
    {"columns", "description", STORE_TEXT, PRINCIPAL | PROSE, "what the column holds", NULL},
    {"columns", "utype", STORE_TEXT, 0, "data model element", NULL},
    {"columns", "unit", STORE_TEXT, PRINCIPAL, "unit, as in VOUnits", NULL},
    {"columns", "ucd", STORE_TEXT, PRINCIPAL, "UCD1+", NULL},
    {"columns", "indexed", STORE_I32, NN, "1: conditions on it are fast", NULL},
    {"columns", "principal", STORE_I32, NN, "1: one of the most important columns", NULL},
    {"columns", "std", STORE_I32, NN, "1: defined by a standard", NULL},
    {"columns", "column_index", STORE_I32, 0, "recommended order of the columns", NULL},
    {"columns", "min_value", STORE_F64, EXTRA, "least value in the table",
     "stat.value;stat.min"},
    {"columns", "max_value", STORE_F64, EXTRA, "greatest value in the table",
     "stat.value;stat.max"},
    {"columns", "null_fraction", STORE_F64, EXTRA, "part of the rows without a value", NULL},

    {"keys", "key_id", STORE_TEXT, NN | PRINCIPAL, "identifier of the foreign key", NULL},
    {"keys", "from_table", STORE_TEXT, NN | PRINCIPAL, "table that refers", NULL},
    {"keys", "target_table", STORE_TEXT, NN | PRINCIPAL, "table that is referred to", NULL},
    {"keys", "description", STORE_TEXT, PROSE, "what the key means", NULL},
    {"keys", "utype", STORE_TEXT, 0, "data model of the key", NULL},

    {"key_columns", "key_id", STORE_TEXT, NN | PRINCIPAL, "the foreign key", NULL},
    {"key_columns", "from_column", STORE_TEXT, NN | PRINCIPAL, "column that refers", NULL},
    {"key_columns", "target_column", STORE_TEXT, NN | PRINCIPAL, "column referred to", NULL},
};

static const struct {
    const char *name, *description;
} TABLE[] = {
    {"schemas", "The schemas of this service."},
    {"tables", "The tables of this service, one row each."},
    {"columns", "The columns of all tables, one row each."},
    {"keys", "Foreign keys: how tables are joined."},
    {"key_columns", "The pairs of columns of each foreign key."},
};

static const struct {
    const char *id, *table, *column, *target, *target_column, *description;
} KEY[] = {
    {"tap_schema.tables_schema", "tables", "schema_name", "tap_schema.schemas",
     "schema_name", "the schema of a table"},
    {"tap_schema.columns_table", "columns", "table_name", "tap_schema.tables",
     "table_name", "the table of a column"},
    {"tap_schema.keys_from", "keys", "from_table", "tap_schema.tables", "table_name",
     "the table that refers"},
    {"tap_schema.keys_target", "keys", "target_table", "tap_schema.tables", "table_name",
     "the table that is referred to"},
    {"tap_schema.key_columns_key", "key_columns", "key_id", "tap_schema.keys", "key_id",
     "the key of a pair of columns"},
};
/* clang-format on */

enum {
    NCOLUMN = sizeof COLUMN / sizeof *COLUMN,
    NTABLE = sizeof TABLE / sizeof *TABLE,
    NKEY = sizeof KEY / sizeof *KEY
};

/* --- is any description beyond ASCII? ---------------------------------------------------
 */

static bool is_ascii(const char *text)
{
    for (; text && *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

static bool table_is_ascii(const struct draft_table *t)
{
    bool is = is_ascii(t->table.description);
    for (uint32_t i = 0; i < t->table.ncolumn; i++)
        is = is && is_ascii(t->column[i].meta.description);
    const struct yaml_node *list = yaml_find(t->node, "constraints");
    for (uint32_t i = 0; list && list->kind == YAML_LIST && i < list->nitem; i++)
        is = is && is_ascii(key_text(&list->item[i], "description"));
    return is;
}

static bool catalog_is_ascii(const struct build *b)
{
    bool is = true;
    for (uint32_t i = 0; i < b->nschema; i++) {
        is = is && is_ascii(b->schema[i].schema.description);
        for (const struct draft_table *t = b->schema[i].first; t; t = t->next)
            is = is && table_is_ascii(t);
    }
    return is;
}

/* --- tables -----------------------------------------------------------------------------
 */

static void set_column(struct build *b, struct catalog_column *column, size_t i,
                       bool is_prose_ascii)
{
    static const char *const DATATYPE[] = {[STORE_I32] = "int",
                                           [STORE_I64] = "long",
                                           [STORE_F64] = "double",
                                           [STORE_TEXT] = "char"};
    unsigned flags = COLUMN[i].flags;
    bool is_text = COLUMN[i].type == STORE_TEXT;
    column->meta =
        (struct store_column){.size = sizeof column->meta,
                              .type = COLUMN[i].type,
                              .length = is_text ? -1 : 1,
                              .flags = (flags & NN ? 0u : STORE_NULLABLE) |
                                       (flags & PRINCIPAL ? STORE_PRINCIPAL : 0u) |
                                       (flags & EXTRA ? 0u : STORE_STD),
                              .name = COLUMN[i].name,
                              .description = COLUMN[i].description,
                              .ucd = COLUMN[i].ucd,
                              .datatype = DATATYPE[COLUMN[i].type],
                              .arraysize = is_text ? "*" : NULL,
                              .minimum = NAN,
                              .maximum = NAN,
                              .null_fraction = NAN};
    if ((flags & PROSE) && !is_prose_ascii)
        column->meta.datatype = "unicodeChar";
    column->native = COLUMN[i].name;
    column->adql_name = name_in_adql(b->arena, str_of(COLUMN[i].name));
    b->is_full = b->is_full || !column->adql_name;
}

static void add_columns(struct build *b, struct draft_table *t, bool is_ascii)
{
    t->column = build_new_array(b, b->arena, struct catalog_column, NCOLUMN);
    t->column_node = build_new_array(b, b->scratch, const struct yaml_node *, NCOLUMN);
    if (b->is_full)
        return;
    for (size_t i = 0; i < NCOLUMN; i++)
        if (strcmp(COLUMN[i].table, t->table.name) == 0) {
            struct catalog_column *column = &t->column[t->table.ncolumn];
            set_column(b, column, i, is_ascii);
            column->index = t->table.ncolumn++;
        }
    t->table.column = t->column;
    t->table.names = snapshot_column_names(b->arena, t->table.ncolumn, t->column);
    b->is_full = b->is_full || !t->table.names;
}

static void add_keys(struct build *b, struct catalog_table *table)
{
    struct catalog_key *key = build_new_array(b, b->arena, struct catalog_key, NKEY);
    if (!key)
        return;
    for (size_t i = 0; i < NKEY; i++)
        if (strcmp(KEY[i].table, table->name) == 0)
            key[table->nkey++] = (struct catalog_key){.id = KEY[i].id,
                                                      .description = KEY[i].description,
                                                      .target = KEY[i].target,
                                                      .ncolumn = 1,
                                                      .from_column = &KEY[i].column,
                                                      .to_column = &KEY[i].target_column};
    table->key = key;
}

static void add_table(struct build *b, struct draft_schema *schema, size_t i,
                      uint32_t store, bool is_ascii)
{
    struct draft_table *t = build_new_array(b, b->scratch, struct draft_table, 1);
    if (!t)
        return;
    const char *full_name = arena_format(b->arena, "tap_schema.%s", TABLE[i].name);
    t->table = (struct catalog_table){.schema = "tap_schema",
                                      .name = TABLE[i].name,
                                      .full_name = full_name,
                                      .native = full_name,
                                      .store_name = TABLE[i].name,
                                      .description = TABLE[i].description,
                                      .lon_column = -1,
                                      .lat_column = -1,
                                      .hpx_column = -1,
                                      .hpx_order = -1,
                                      .row_estimate = -1,
                                      .store = store};
    t->order = (int64_t)i;
    t->path = "tap_schema";
    b->is_full = b->is_full || !full_name;
    add_columns(b, t, is_ascii);
    add_keys(b, &t->table);
    *schema->last = t;
    schema->last = &t->next;
    schema->ntable++;
}

void tap_schema_add(struct build *b, uint32_t store)
{
    bool is_ascii = catalog_is_ascii(b);
    struct draft_schema *schema = &b->schema[b->nschema];
    *schema = (struct draft_schema){.path = "tap_schema"};
    schema->last = &schema->first;
    schema->schema = (struct catalog_schema){
        .name = "tap_schema",
        .adql_name = "tap_schema",
        .title = "TAP_SCHEMA",
        .description = "The tables and columns of this service, as tables.",
        .index = b->nschema};
    for (size_t i = 0; i < NTABLE && !b->is_full; i++)
        add_table(b, schema, i, store, is_ascii);
    b->nschema++;
}
