// How fast this machine reads memory: what bounds the speed of writing tokens, since every weight is read for each.
//
// Each thread's own processor time is what counts, not the clock on the wall: the answer is kept, and must not depend on
// what else happened to run in that moment.
#include "CHost.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHUNK = 1 << 20, MAX_THREADS = 64 };

struct shared {
    atomic_int ready;
    atomic_int go;
    atomic_int stop;
};

struct reader {
    struct shared *shared;
    unsigned char *memory;
    size_t size;
    double rate;
    int failed;
};

static void nap(long nanoseconds) {
    struct timespec pause = {nanoseconds / 1000000000L, nanoseconds % 1000000000L};
    nanosleep(&pause, NULL);
}

double chost_thread_seconds(void) {
    struct timespec time;
    return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 ? (double)time.tv_sec + (double)time.tv_nsec * 1e-9 : 0;
}

static void *read_again_and_again(void *argument) {
    struct reader *reader = argument;
    unsigned char *memory = reader->memory = malloc(reader->size);
    if (memory) memset(memory, 1, reader->size);
    else reader->failed = 1;
    atomic_fetch_add(&reader->shared->ready, 1);
    while (!atomic_load(&reader->shared->go)) nap(50000);

    size_t offset = 0;
    double begin = chost_thread_seconds(), bytes_read = 0;
    while (memory && !atomic_load_explicit(&reader->shared->stop, memory_order_relaxed)) {
        // Looking for a byte that is not there reads every byte once, with the C library's vector code: as fast in
        // a debug build, where a loop of our own would measure the missing optimizer.
        if (memchr(memory + offset, 2, CHUNK)) reader->failed = 1;
        bytes_read += CHUNK;
        offset += CHUNK;
        if (offset + CHUNK > reader->size) offset = 0;
    }
    double elapsed = chost_thread_seconds() - begin;
    reader->rate = elapsed > 0 ? bytes_read / elapsed : 0;
    return NULL;
}

double chost_read_bandwidth(double seconds, int threads, size_t bytes_per_thread) {
    if (!(seconds > 0) || seconds > 1 || threads < 1 || threads > MAX_THREADS || bytes_per_thread < CHUNK) return 0;
    struct shared shared = {0};
    struct reader readers[MAX_THREADS];
    pthread_t handles[MAX_THREADS];
    int started = 0;
    for (int index = 0; index < threads; index++) {
        readers[index] = (struct reader){.shared = &shared, .size = bytes_per_thread};
        if (pthread_create(&handles[index], NULL, read_again_and_again, &readers[index]) != 0) break;
        started++;
    }
    while (atomic_load(&shared.ready) < started) nap(50000);

    atomic_store(&shared.go, 1);
    nap((long)(seconds * 1e9));
    atomic_store(&shared.stop, 1);
    double total = 0;
    int failed = started < threads;
    for (int index = 0; index < started; index++) {
        pthread_join(handles[index], NULL);
        total += readers[index].rate;
        failed |= readers[index].failed;
    }
    for (int index = 0; index < started; index++) free(readers[index].memory);
    return failed ? 0 : total;
}
