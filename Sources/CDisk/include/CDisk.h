#ifndef MODELTECA_CDISK_H
#define MODELTECA_CDISK_H
#include <stdint.h>

/// Takes the space for the first `size` bytes of a file without writing them (Linux: fallocate, not glibc's
/// posix_fallocate, which writes every block where the file system cannot). Returns 0, or an errno; ENOTSUP elsewhere.
int modelteca_preallocate(int file, int64_t size);

/// Copies `count` bytes between two files inside the kernel (Linux: copy_file_range, which shares blocks where the file
/// system can). Returns how many came over, 0 at the end of the source, or a negated errno; -ENOTSUP elsewhere.
int64_t modelteca_copy_range(int from, int64_t start, int to, int64_t offset, int64_t count);

/// Lets two files of one file system share the blocks of a stretch (Linux: FICLONERANGE, on Btrfs and XFS). All three
/// numbers are multiples of the file system's block, except a stretch that ends where the source does. Returns 0, or an
/// errno; ENOTSUP elsewhere.
int modelteca_share_range(int from, int64_t start, int to, int64_t offset, int64_t count);

/// The same with all of a file (Linux: FICLONE).
int modelteca_share_file(int from, int to);

/// Locks a whole file for this open file alone, without waiting: by flock, or where the disk has none (some network
/// disks) by a record lock of the open file. Returns 0, EWOULDBLOCK when somebody else has it, or another errno.
int modelteca_lock(int file);

/// Whether a file of this disk takes a record lock of the process, as SQLite's do. Returns 0, or the errno.
int modelteca_try_record_lock(int file);

/// Begins to write to disk what the system holds of a file, and does not wait for it (Linux: sync_file_range; nothing
/// elsewhere). A hint: only a sync proves that anything is on disk.
void modelteca_start_writing(int file);

/// Waits until everything that was written to the file system of a file is on disk (Linux: syncfs). Returns 0, or an
/// errno; ENOTSUP elsewhere.
int modelteca_sync_all(int file);

/// A stretch of a disk, in bytes.
typedef struct {
    uint64_t start;
    uint64_t length;
} modelteca_extent;

/// Where on its disk a file has blocks that other files have as well (Linux: FIEMAP; none elsewhere), from a place in the
/// file on, which is moved on to where to ask again, or to UINT64_MAX at the end. Returns how many it has put into
/// `extents`, of which there are `room`, or -1 where the file system cannot say.
int modelteca_shared_extents(int file, uint64_t *place, modelteca_extent *extents, int room);

/// The bytes of a file that no clone of it has as well (macOS: ATTR_CMNEXT_PRIVATESIZE); -1 where nobody can say.
int64_t modelteca_private_size(int file);

/// The largest file that the file system of a path takes, in bytes, where that is less than people have: FAT's 4 GiB.
/// INT64_MAX elsewhere.
int64_t modelteca_file_limit(const char *path);

/// Lets the system forget what it holds of a file in memory, so that reading it again reads the disk (Linux:
/// posix_fadvise; nothing elsewhere). A hint.
void modelteca_forget(int file);

#endif
