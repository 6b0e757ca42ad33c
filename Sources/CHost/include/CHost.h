#ifndef MODELTECA_CHOST_H
#define MODELTECA_CHOST_H

#include <stddef.h>
#include <stdint.h>

/// A graphics card as NVIDIA's management library describes it, or a slice of one (MIG). Sizes in bytes; 0 when it
/// would not say.
typedef struct {
    char name[96];
    /// `GPU-…` or `MIG-…`; empty when it would not say.
    char uuid[96];
    uint64_t memory_total;
    uint64_t memory_free;
    /// Of a slice: which of the cards in the list it is of. -1 for a card.
    int card;
    /// Whether the card is divided into slices, of which there may be none yet.
    int is_divided;
    /// Whether it has no memory of its own, but the machine's.
    int shares_memory;
} chost_nvidia_gpu;

/// Fills `gpus` with at most `capacity` cards, each followed by its slices, and returns how many there are in it.
/// -1 when the library is not on this machine or does not answer.
int chost_nvidia_gpus(chost_nvidia_gpu *gpus, int capacity);

/// Memory as the kernel counts it, in bytes: all, and what is free with its buffers, which is less than could be had.
/// 0 when it would not say.
int chost_system_memory(uint64_t *total, uint64_t *available);

/// Processor time that this thread has had, in seconds.
double chost_thread_seconds(void);

/// Bytes per second that `threads` threads read together when they have a core each, every one from its own
/// `bytes_per_thread` of memory, tried for about `seconds`; 0 when the memory or the threads could not be had.
double chost_read_bandwidth(double seconds, int threads, size_t bytes_per_thread);

/// Multiplications of 8-bit numbers, each with an addition, that `threads` threads do together in a second, measured
/// for about `seconds` in their caches; 0 on processors without a kernel here.
double chost_multiply_adds(double seconds, int threads);

/// Makes all threads share one heap (glibc gives each its own, which keeps what another could use), and gives large
/// blocks back to the system as they are freed (glibc keeps the next ones once such a block was freed).
void chost_share_heap(void);

/// How many arguments the program was started with, its own name among them; 0 when the system did not hand them on.
int chost_argument_count(void);
const char *chost_argument(int index);

#endif
