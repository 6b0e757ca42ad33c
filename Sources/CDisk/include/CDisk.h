#ifndef MODELTECA_CDISK_H
#define MODELTECA_CDISK_H
#include <stdint.h>

/// Takes the space for the first `size` bytes of a file without writing them (Linux: fallocate, not glibc's
/// posix_fallocate, which writes every block where the file system cannot). Returns 0, or an errno; ENOTSUP elsewhere.
int modelteca_preallocate(int file, int64_t size);

#endif
