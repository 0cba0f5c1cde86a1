/* hdf5_reader.h -- private: the reading side. Only the process that was made for one file
 * calls these. */
#ifndef CORE_HDF5_HDF5_READER_H
#define CORE_HDF5_HDF5_READER_H

#include <hdf5.h>

#include "core/hdf5/hdf5.h"

/* Speaks to `socket` about the file `fd` until the other side leaves; never returns. */
_Noreturn void hdf5_reader_main(int fd, int socket);

/* How far the values reach; false with words in `why`. member NULL: the dataset's own. */
bool hdf5_reader_range(hid_t file, const char *dataset, const char *member,
                       struct hdf5_range *, char why[256]);
/* Is it a number, or an array of them? */
bool hdf5_reader_is_number(hid_t type);

#endif
