#include "CHost.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void chost_share_heap(void) {
#if defined(__GLIBC__)
    mallopt(M_ARENA_MAX, 1);
#endif
}
