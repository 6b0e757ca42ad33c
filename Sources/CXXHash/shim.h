#ifndef MODELTECA_CXXHASH_SHIM_H
#define MODELTECA_CXXHASH_SHIM_H
// The library's own code is compiled in: nothing more to install where the program runs.
#define XXH_INLINE_ALL
#include <xxhash.h>

static inline void *slm_xxh3_create(void) { return XXH3_createState(); }
static inline void slm_xxh3_free(void *state) { XXH3_freeState((XXH3_state_t *)state); }
static inline void slm_xxh3_reset(void *state) { XXH3_64bits_reset((XXH3_state_t *)state); }
static inline void slm_xxh3_update(void *state, const void *bytes, size_t count) {
    XXH3_64bits_update((XXH3_state_t *)state, bytes, count);
}
static inline uint64_t slm_xxh3_digest(const void *state) { return XXH3_64bits_digest((const XXH3_state_t *)state); }

#endif
