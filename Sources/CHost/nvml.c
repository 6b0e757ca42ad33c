// NVIDIA's management library, found at run time: the program neither needs it to build nor to start.
// Names and signatures: NVML API Reference Guide, docs.nvidia.com/deploy/nvml-api.
//
// Try it alone on a machine with such a card:
//   cc -std=gnu17 -DCHOST_NVML_MAIN -ISources/CHost/include Sources/CHost/nvml.c -ldl -o nvml-check && ./nvml-check
#include "CHost.h"

#include <dlfcn.h>
#include <string.h>

// nvmlMemory_t
struct memory_info {
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
};

typedef int (*nvml_plain)(void);
typedef int (*nvml_count)(unsigned int *);
typedef int (*nvml_handle)(unsigned int, void **);
typedef int (*nvml_name)(void *, char *, unsigned int);
typedef int (*nvml_memory)(void *, struct memory_info *);

enum { NVML_SUCCESS = 0 };

static void *open_library(void) {
    void *library = dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL);
    // Windows' Linux subsystem keeps the driver's libraries in a folder that not every distribution searches.
    return library ? library : dlopen("/usr/lib/wsl/lib/libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL);
}

int chost_nvidia_gpus(chost_nvidia_gpu *gpus, int capacity) {
    if (!gpus || capacity <= 0) return -1;
    // Never closed again: the driver's libraries leave threads and thread-local state behind.
    void *library = open_library();
    if (!library) return -1;

    nvml_plain init = (nvml_plain)dlsym(library, "nvmlInit_v2");
    nvml_plain shut_down = (nvml_plain)dlsym(library, "nvmlShutdown");
    nvml_count device_count = (nvml_count)dlsym(library, "nvmlDeviceGetCount_v2");
    nvml_handle device_handle = (nvml_handle)dlsym(library, "nvmlDeviceGetHandleByIndex_v2");
    nvml_name device_name = (nvml_name)dlsym(library, "nvmlDeviceGetName");
    nvml_memory device_memory = (nvml_memory)dlsym(library, "nvmlDeviceGetMemoryInfo");
    if (!init || !shut_down || !device_count || !device_handle || !device_name || !device_memory) return -1;
    if (init() != NVML_SUCCESS) return -1;

    int found = -1;
    unsigned int count = 0;
    if (device_count(&count) == NVML_SUCCESS) {
        found = 0;
        for (unsigned int index = 0; index < count && found < capacity; index++) {
            void *device = NULL;
            if (device_handle(index, &device) != NVML_SUCCESS) continue;
            chost_nvidia_gpu *gpu = &gpus[found++];
            memset(gpu, 0, sizeof *gpu);
            if (device_name(device, gpu->name, sizeof gpu->name) != NVML_SUCCESS) gpu->name[0] = 0;
            gpu->name[sizeof gpu->name - 1] = 0;
            struct memory_info memory = {0};
            // Chips that share the machine's memory answer "not supported".
            if (device_memory(device, &memory) == NVML_SUCCESS) {
                gpu->memory_total = memory.total;
                gpu->memory_free = memory.free;
            }
        }
    }
    shut_down();
    return found;
}

#ifdef CHOST_NVML_MAIN
#include <stdio.h>

int main(void) {
    chost_nvidia_gpu gpus[16];
    int count = chost_nvidia_gpus(gpus, 16);
    printf("cards: %d\n", count);
    for (int index = 0; index < count; index++)
        printf("%s: %llu bytes, %llu free\n", gpus[index].name, (unsigned long long)gpus[index].memory_total,
               (unsigned long long)gpus[index].memory_free);
    return count > 0 ? 0 : 1;
}
#endif
