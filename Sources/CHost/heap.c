#include "CHost.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void chost_share_heap(void) {
#if defined(__GLIBC__)
    mallopt(M_ARENA_MAX, 1);
    // By itself glibc raises this bound with every large block that is freed, and keeps the next ones for ever.
    mallopt(M_MMAP_THRESHOLD, 64 * 1024);
    mallopt(M_TRIM_THRESHOLD, 256 * 1024);
#endif
}
