#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "CDisk.h"

#include <errno.h>
#include <fcntl.h>

int modelteca_preallocate(int file, int64_t size) {
#ifdef __linux__
    int status;
    do {
        status = fallocate(file, 0, 0, size);
    } while (status != 0 && errno == EINTR);
    return status == 0 ? 0 : errno;
#else
    (void)file;
    (void)size;
    return ENOTSUP;
#endif
}
