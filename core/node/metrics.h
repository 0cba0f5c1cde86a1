/* metrics.h -- the handler of /metrics. */
#ifndef CORE_NODE_METRICS_H
#define CORE_NODE_METRICS_H

#include "core/base/bytes.h"
#include "core/http/http.h"

/* Context: struct node. */
struct http_response *node_metrics(void *node, struct http_request *);

/* Appends memory, processor time, files of the process. */
void metrics_process(struct bytes *);

#endif
