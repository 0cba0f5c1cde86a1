/* fuzz_yaml.c -- any bytes as a YAML document: a tree within its limits, or an error with
 * its place. Walks the whole tree, aliases followed. */
#include <stdlib.h>

#include "core/base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint32_t walk(const struct yaml_node *node, int depth)
{
    if (depth > 64 || node->line < 1 || node->column < 1)
        abort();
    if (node->kind == YAML_SCALAR) {
        if (node->text.at[node->text.len] != '\0' ||
            strlen(node->text.at) != node->text.len)
            abort();
        return 1;
    }
    uint32_t weight = 1;
    uint32_t n = node->kind == YAML_MAP ? 2 * node->nitem : node->nitem;
    for (uint32_t i = 0; i < n; i++)
        weight += walk(&node->item[i], depth + 1);
    if (weight != node->weight)
        abort();
    return weight;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct yaml_limits limits = {
        .max_bytes = 1 << 16, .max_depth = 16, .max_nodes = 4096, .max_aliases = 64};
    struct arena *arena = arena_new(8 << 20);
    struct err e = {0};
    const struct yaml_node *root =
        yaml_parse((str){(const char *)data, len}, &limits, arena, &e);
    if (root ? walk(root, 0) > limits.max_nodes + 1 : e.kind == ERR_NONE)
        abort();
    arena_free(arena);
    return 0;
}
