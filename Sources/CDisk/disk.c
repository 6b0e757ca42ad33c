#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "CDisk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#endif
#ifdef __APPLE__
#include <string.h>
#include <sys/attr.h>
#include <sys/mount.h>
#include <sys/param.h>
#endif

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

int64_t modelteca_copy_range(int from, int64_t start, int to, int64_t offset, int64_t count) {
#ifdef __linux__
    ssize_t copied;
    do {
        off_t source = start, target = offset;
        copied = copy_file_range(from, &source, to, &target, (size_t)count, 0);
    } while (copied < 0 && errno == EINTR);
    return copied < 0 ? -(int64_t)errno : (int64_t)copied;
#else
    (void)from, (void)start, (void)to, (void)offset, (void)count;
    return -(int64_t)ENOTSUP;
#endif
}

int modelteca_share_range(int from, int64_t start, int to, int64_t offset, int64_t count) {
#ifdef FICLONERANGE
    struct file_clone_range range = {
        .src_fd = from, .src_offset = (uint64_t)start, .src_length = (uint64_t)count, .dest_offset = (uint64_t)offset};
    return ioctl(to, FICLONERANGE, &range) == 0 ? 0 : errno;
#else
    (void)from, (void)start, (void)to, (void)offset, (void)count;
    return ENOTSUP;
#endif
}

int modelteca_share_file(int from, int to) {
#ifdef FICLONE
    return ioctl(to, FICLONE, from) == 0 ? 0 : errno;
#else
    (void)from, (void)to;
    return ENOTSUP;
#endif
}

int modelteca_lock(int file) {
    if (flock(file, LOCK_EX | LOCK_NB) == 0) return 0;
    int reason = errno;
#ifdef F_OFD_SETLK
    if (reason == ENOLCK || reason == ENOSYS || reason == ENOTSUP || reason == EOPNOTSUPP) {
        struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        if (fcntl(file, F_OFD_SETLK, &whole) == 0) return 0;
        if (errno == EACCES || errno == EAGAIN) return EWOULDBLOCK;
    }
#endif
    // However a disk says that it has no locks, it is one thing.
    return reason == ENOSYS || reason == ENOTSUP || reason == EOPNOTSUPP ? ENOLCK : reason;
}

int modelteca_try_record_lock(int file) {
    struct flock first = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    if (fcntl(file, F_SETLK, &first) == 0 || errno == EACCES || errno == EAGAIN) return 0;
    return errno;
}

void modelteca_start_writing(int file) {
#ifdef __linux__
    sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);
#else
    (void)file;
#endif
}

int modelteca_sync_all(int file) {
#ifdef __linux__
    return syncfs(file) == 0 ? 0 : errno;
#else
    (void)file;
    return ENOTSUP;
#endif
}

int modelteca_shared_extents(int file, uint64_t *place, modelteca_extent *extents, int room) {
#if defined(__linux__) && defined(FS_IOC_FIEMAP)
    enum { batch = 128 };
    size_t size = sizeof(struct fiemap) + batch * sizeof(struct fiemap_extent);
    struct fiemap *map = malloc(size);
    if (!map) return -1;
    int found = 0;
    while (found < room && *place != UINT64_MAX) {
        memset(map, 0, size);
        map->fm_start = *place;
        map->fm_length = FIEMAP_MAX_OFFSET - *place;
        map->fm_extent_count = batch;
        if (ioctl(file, FS_IOC_FIEMAP, map) != 0) {
            free(map);
            return -1;
        }
        uint64_t next = UINT64_MAX;
        for (uint32_t index = 0; index < map->fm_mapped_extents; index++) {
            struct fiemap_extent *extent = &map->fm_extents[index];
            if (found == room) break;
            next = extent->fe_flags & FIEMAP_EXTENT_LAST ? UINT64_MAX : extent->fe_logical + extent->fe_length;
            if (extent->fe_flags & FIEMAP_EXTENT_SHARED) {
                extents[found].start = extent->fe_physical;
                extents[found].length = extent->fe_length;
                found++;
            }
        }
        *place = next > *place ? next : UINT64_MAX;
    }
    free(map);
    return found;
#else
    (void)file, (void)extents, (void)room;
    *place = UINT64_MAX;
    return -1;
#endif
}

int64_t modelteca_private_size(int file) {
#if defined(__APPLE__) && defined(ATTR_CMNEXT_PRIVATESIZE)
    struct attrlist asked;
    memset(&asked, 0, sizeof asked);
    asked.bitmapcount = ATTR_BIT_MAP_COUNT;
    asked.forkattr = ATTR_CMNEXT_PRIVATESIZE;
    struct {
        uint32_t length;
        int64_t size;
    } __attribute__((aligned(4), packed)) answer;
    if (fgetattrlist(file, &asked, &answer, sizeof answer, FSOPT_ATTR_CMN_EXTENDED) != 0) return -1;
    return answer.length >= sizeof answer ? answer.size : -1;
#else
    (void)file;
    return -1;
#endif
}

int64_t modelteca_file_limit(const char *path) {
    struct statfs status;
    if (statfs(path, &status) != 0) return INT64_MAX;
#ifdef __linux__
    return status.f_type == MSDOS_SUPER_MAGIC ? (int64_t)UINT32_MAX : INT64_MAX;
#else
    return strcmp(status.f_fstypename, "msdos") == 0 ? (int64_t)UINT32_MAX : INT64_MAX;
#endif
}

void modelteca_forget(int file) {
#ifdef __linux__
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
#else
    (void)file;
#endif
}
