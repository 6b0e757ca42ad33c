// How fast this machine multiplies small integers: the other bound of a model's speed. A token that is written takes
// one multiplication and addition for each weight, and so does each token of a prompt that is read, where the weights
// come from the caches. The kernel is the block of 32 8-bit numbers that all quantized formats end up in.
//
// In assembly, because a debug build would measure the missing optimizer, and because compilers aim at the oldest
// processor of a kind, while llama.cpp uses what is there.
#include "CHost.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

enum { BLOCK = 32, LENGTH = 8192, MAX_THREADS = 64 };

#if defined(__x86_64__)

static int has_kernel(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

// Four blocks a turn, each: signs moved to one side, 32 products, their sums of four as 32-bit numbers, and those as
// floats times the block's scale into a sum.
static void dot(const signed char *left, const signed char *right) {
    long offset = 0;
    __asm__ volatile(
        "vpcmpeqw %%ymm8, %%ymm8, %%ymm8\n\t"
        "vpsrlw $15, %%ymm8, %%ymm8\n\t"
        "vxorps %%ymm9, %%ymm9, %%ymm9\n\t"
        "vxorps %%ymm10, %%ymm10, %%ymm10\n\t"
        "vxorps %%ymm11, %%ymm11, %%ymm11\n\t"
        "vcvtdq2ps %%ymm8, %%ymm12\n\t"
        "1:\n\t"
#define CHOST_BLOCK(AT, ONE, TWO, SUM)                                                                                 \
        "vmovdqu " #AT "(%[left],%[offset]), %%" #ONE "\n\t"                                                           \
        "vmovdqu " #AT "(%[right],%[offset]), %%" #TWO "\n\t"                                                          \
        "vpsignb %%" #ONE ", %%" #TWO ", %%" #TWO "\n\t"                                                               \
        "vpsignb %%" #ONE ", %%" #ONE ", %%" #ONE "\n\t"                                                               \
        "vpmaddubsw %%" #TWO ", %%" #ONE ", %%" #ONE "\n\t"                                                            \
        "vpmaddwd %%ymm8, %%" #ONE ", %%" #ONE "\n\t"                                                                  \
        "vcvtdq2ps %%" #ONE ", %%" #ONE "\n\t"                                                                         \
        "vfmadd231ps %%ymm12, %%" #ONE ", %%" #SUM "\n\t"
        CHOST_BLOCK(0, ymm0, ymm1, ymm9)
        CHOST_BLOCK(32, ymm2, ymm3, ymm10)
        CHOST_BLOCK(64, ymm4, ymm5, ymm11)
        CHOST_BLOCK(96, ymm6, ymm7, ymm9)
#undef CHOST_BLOCK
        "subq $-128, %[offset]\n\t"
        "cmpq %[end], %[offset]\n\t"
        "jb 1b\n\t"
        "vzeroupper\n\t"
        : [offset] "+r"(offset)
        : [left] "r"(left), [right] "r"(right), [end] "r"((long)LENGTH)
        : "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
          "xmm11", "xmm12");
}

#elif defined(__aarch64__)

static int has_kernel(void) { return 1; }

static int has_dot_product(void) {
#if defined(__APPLE__)
    return 1; // Every Apple processor that macOS runs on.
#elif defined(__linux__)
    return (getauxval(AT_HWCAP) & (1UL << 20)) != 0; // HWCAP_ASIMDDP, from the kernel's uapi/asm/hwcap.h.
#else
    return 0;
#endif
}

// One block a turn, with the instruction made for it.
static void dot_v82(const signed char *left, const signed char *right) {
    long left_over = LENGTH;
    __asm__ volatile(
        ".arch_extension dotprod\n\t"
        "movi v5.4s, #1\n\t"
        "scvtf v5.4s, v5.4s\n\t"
        "1:\n\t"
        "ld1 {v0.16b, v1.16b}, [%[left]], #32\n\t"
        "ld1 {v2.16b, v3.16b}, [%[right]], #32\n\t"
        "movi v4.4s, #0\n\t"
        "sdot v4.4s, v0.16b, v2.16b\n\t"
        "sdot v4.4s, v1.16b, v3.16b\n\t"
        "scvtf v4.4s, v4.4s\n\t"
        "fmla v6.4s, v4.4s, v5.4s\n\t"
        "subs %[count], %[count], #32\n\t"
        "b.gt 1b\n\t"
        : [left] "+r"(left), [right] "+r"(right), [count] "+r"(left_over)
        :
        : "memory", "cc", "v0", "v1", "v2", "v3", "v4", "v5", "v6");
}

// Older processors multiply to 16-bit numbers first.
static void dot_v80(const signed char *left, const signed char *right) {
    long left_over = LENGTH;
    __asm__ volatile(
        "movi v5.4s, #1\n\t"
        "scvtf v5.4s, v5.4s\n\t"
        "1:\n\t"
        "ld1 {v0.16b, v1.16b}, [%[left]], #32\n\t"
        "ld1 {v2.16b, v3.16b}, [%[right]], #32\n\t"
        "smull v4.8h, v0.8b, v2.8b\n\t"
        "smull2 v7.8h, v0.16b, v2.16b\n\t"
        "smull v16.8h, v1.8b, v3.8b\n\t"
        "smull2 v17.8h, v1.16b, v3.16b\n\t"
        "saddlp v4.4s, v4.8h\n\t"
        "sadalp v4.4s, v7.8h\n\t"
        "sadalp v4.4s, v16.8h\n\t"
        "sadalp v4.4s, v17.8h\n\t"
        "scvtf v4.4s, v4.4s\n\t"
        "fmla v6.4s, v4.4s, v5.4s\n\t"
        "subs %[count], %[count], #32\n\t"
        "b.gt 1b\n\t"
        : [left] "+r"(left), [right] "+r"(right), [count] "+r"(left_over)
        :
        : "memory", "cc", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17");
}

static void dot(const signed char *left, const signed char *right) {
    if (has_dot_product()) dot_v82(left, right);
    else dot_v80(left, right);
}

#else

static int has_kernel(void) { return 0; }
static void dot(const signed char *left, const signed char *right) { (void)left, (void)right; }

#endif

struct worker {
    atomic_int *stop;
    double rate;
};

static void *multiply_again_and_again(void *argument) {
    struct worker *worker = argument;
    signed char left[LENGTH], right[LENGTH];
    memset(left, 3, sizeof left);
    memset(right, 5, sizeof right);
    double begin = chost_thread_seconds(), turns = 0;
    while (!atomic_load_explicit(worker->stop, memory_order_relaxed)) {
        for (int turn = 0; turn < 64; turn++) dot(left, right);
        turns += 64;
    }
    double elapsed = chost_thread_seconds() - begin;
    worker->rate = elapsed > 0 ? turns * LENGTH / elapsed : 0;
    return NULL;
}

double chost_multiply_adds(double seconds, int threads) {
    if (!has_kernel() || !(seconds > 0) || seconds > 1 || threads < 1 || threads > MAX_THREADS) return 0;
    atomic_int stop = 0;
    struct worker workers[MAX_THREADS];
    pthread_t handles[MAX_THREADS];
    struct timespec pause = {(long)seconds, (long)((seconds - (double)(long)seconds) * 1e9)};
    int started = 0;
    for (; started < threads; started++) {
        workers[started] = (struct worker){.stop = &stop};
        if (pthread_create(&handles[started], NULL, multiply_again_and_again, &workers[started]) != 0) break;
    }
    nanosleep(&pause, NULL);
    atomic_store(&stop, 1);
    double total = 0;
    for (int index = 0; index < started; index++) {
        pthread_join(handles[index], NULL);
        total += workers[index].rate;
    }
    return started < threads ? 0 : total;
}
