#define _GNU_SOURCE
#include "CHost.h"

#if defined(__GLIBC__)
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

void chost_share_heap(void) {
#if defined(__GLIBC__)
    mallopt(M_ARENA_MAX, 1);
    // By itself glibc raises this bound with every large block that is freed, and keeps the next ones for ever.
    mallopt(M_MMAP_THRESHOLD, 64 * 1024);
    mallopt(M_TRIM_THRESHOLD, 256 * 1024);
#endif
}

#if defined(__GLIBC__)
static int forget(struct dl_phdr_info *info, size_t size, void *page) {
    (void)size;
    // Code that was changed while it was loaded would be lost.
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_DYNAMIC) continue;
        for (const ElfW(Dyn) *entry = (const void *)(info->dlpi_addr + header->p_vaddr); entry->d_tag; entry++)
            if (entry->d_tag == DT_TEXTREL) return 0;
    }
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_LOAD || header->p_flags & PF_W) continue;
        uintptr_t mask = *(const uintptr_t *)page - 1;
        uintptr_t start = (info->dlpi_addr + header->p_vaddr) & ~mask;
        uintptr_t end = (info->dlpi_addr + header->p_vaddr + header->p_filesz + mask) & ~mask;
        if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}
#endif

void chost_forget_start(void) {
#if defined(__GLIBC__)
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    dl_iterate_phdr(forget, &page);
#endif
}
