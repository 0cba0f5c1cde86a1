/* tool_fetch.c -- reads one answer to its end and throws it away:
 *     tool_fetch PORT PATH
 * Prints seconds to the first byte and to the end. Ends with 1 when it is no whole answer.
 */
#include <stdio.h>
#include <unistd.h>

#include "core/base/num.h"
#include "core/base/str.h"
#include "tests/bench/load.h"

int main(int argc, char **argv)
{
    struct load_node node = {0};
    int64_t port = 0;
    double first = 0;
    if (argc != 3 || !num_parse_int(str_of(argv[1]), &port))
        return 2;
    node.port = (int)port;
    int fd = load_connect(&node);
    double begin = load_now_s();
    if (fd < 0 || load_get(fd, argv[2], &first) < 0)
        return 1;
    printf("%.6g\t%.6g\n", first, load_now_s() - begin);
    close(fd);
    return 0;
}
