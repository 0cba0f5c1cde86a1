/* frame.c -- window frames in words, the same for stores, as ADQL and for people: distances
 * are numbers in digits, never parameters. */
#include "adql/write.h"

static void add_bound(struct bytes *out, const struct adql_bound *bound)
{
    static const char *const WORDS[] = {[ADQL_UNBOUNDED_PRECEDING] = "UNBOUNDED PRECEDING",
                                        [ADQL_PRECEDING] = " PRECEDING",
                                        [ADQL_CURRENT_ROW] = "CURRENT ROW",
                                        [ADQL_FOLLOWING] = " FOLLOWING",
                                        [ADQL_UNBOUNDED_FOLLOWING] = "UNBOUNDED FOLLOWING"};
    if (bound->distance && bound->distance->type == ADQL_DOUBLE)
        write_double(out, bound->distance->number);
    else if (bound->distance)
        write_int(out, bound->distance->integer);
    bytes_add(out, str_of(WORDS[bound->kind]));
}

void write_frame(struct bytes *out, const struct adql_window *window)
{
    if (window->unit == ADQL_FRAME_NONE)
        return;
    bytes_add(out, window->unit == ADQL_FRAME_ROWS ? STR("ROWS") : STR("RANGE"));
    bytes_add_literal(out, " BETWEEN ");
    add_bound(out, &window->first);
    bytes_add_literal(out, " AND ");
    add_bound(out, &window->last);
}
