// What the C library and the kernel tell of this process and its machine without files.
#define _GNU_SOURCE
#include "CHost.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif
#if defined(__linux__)
#include <sys/sysinfo.h>
#endif

int chost_system_memory(uint64_t *total, uint64_t *available) {
#if defined(__linux__)
    struct sysinfo facts;
    if (sysinfo(&facts) == 0) {
        *total = (uint64_t)facts.totalram * facts.mem_unit;
        *available = ((uint64_t)facts.freeram + facts.bufferram) * facts.mem_unit;
        return 1;
    }
#endif
    (void)total, (void)available;
    return 0;
}

void chost_share_heap(void) {
#if defined(__GLIBC__)
    mallopt(M_ARENA_MAX, 1);
    // By itself glibc raises this bound with every large block that is freed, and keeps the next ones for ever. Blocks
    // below it come from the heap, which has them at hand. So do the graphs of estimates, 240 to 480 KB each, one after
    // the other: when they were mapped, the kernel zeroed each page anew, a fifth of the processor time of a list.
    mallopt(M_MMAP_THRESHOLD, 512 * 1024);
    mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
#endif
}

static int argument_count;
static char **arguments;

// glibc and Apple's linker hand these to whatever runs before `main`; nobody else does.
#if defined(__GLIBC__) || defined(__APPLE__)
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    arguments = values;
}
#endif

int chost_argument_count(void) { return argument_count; }
const char *chost_argument(int index) { return index >= 0 && index < argument_count ? arguments[index] : NULL; }
