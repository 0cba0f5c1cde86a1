/* json.h -- JSON written piece by piece. */
#ifndef WEB_JSON_H
#define WEB_JSON_H

#include "core/base/json.h"

#endif
