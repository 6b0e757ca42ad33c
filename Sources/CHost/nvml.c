// NVIDIA's management library, found at run time: the program neither needs it to build nor to start.
// Names and signatures: NVML API Reference Guide, docs.nvidia.com/deploy/nvml-api.
#include "CHost.h"

#include <dlfcn.h>
#include <string.h>

// nvmlMemory_t
struct memory_info {
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
};

// nvmlReturn_t
enum { NVML_SUCCESS = 0, NVML_ERROR_NOT_SUPPORTED = 3 };

// What the calls below need of the library. Old drivers lack the last four.
static struct {
    int (*init)(void);
    int (*shut_down)(void);
    int (*count)(unsigned int *);
    int (*handle)(unsigned int, void **);
    int (*name)(void *, char *, unsigned int);
    int (*memory)(void *, struct memory_info *);
    int (*uuid)(void *, char *, unsigned int);
    int (*mig_mode)(void *, unsigned int *, unsigned int *);
    int (*mig_count)(void *, unsigned int *);
    int (*mig_handle)(void *, unsigned int, void **);
} nvml;

static int load(void) {
    // Never closed again: the driver's libraries leave threads and thread-local state behind.
    void *library = dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL);
    // Windows' Linux subsystem keeps the driver's libraries in a folder that not every distribution searches.
    if (!library) library = dlopen("/usr/lib/wsl/lib/libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (!library) return 0;
    *(void **)&nvml.init = dlsym(library, "nvmlInit_v2");
    *(void **)&nvml.shut_down = dlsym(library, "nvmlShutdown");
    *(void **)&nvml.count = dlsym(library, "nvmlDeviceGetCount_v2");
    *(void **)&nvml.handle = dlsym(library, "nvmlDeviceGetHandleByIndex_v2");
    *(void **)&nvml.name = dlsym(library, "nvmlDeviceGetName");
    *(void **)&nvml.memory = dlsym(library, "nvmlDeviceGetMemoryInfo");
    *(void **)&nvml.uuid = dlsym(library, "nvmlDeviceGetUUID");
    *(void **)&nvml.mig_mode = dlsym(library, "nvmlDeviceGetMigMode");
    *(void **)&nvml.mig_count = dlsym(library, "nvmlDeviceGetMaxMigDeviceCount");
    *(void **)&nvml.mig_handle = dlsym(library, "nvmlDeviceGetMigDeviceHandleByIndex");
    return nvml.init && nvml.shut_down && nvml.count && nvml.handle && nvml.name && nvml.memory;
}

static void describe(void *device, chost_nvidia_gpu *gpu) {
    memset(gpu, 0, sizeof *gpu);
    gpu->card = -1;
    if (nvml.name(device, gpu->name, sizeof gpu->name) != NVML_SUCCESS) gpu->name[0] = 0;
    gpu->name[sizeof gpu->name - 1] = 0;
    if (!nvml.uuid || nvml.uuid(device, gpu->uuid, sizeof gpu->uuid) != NVML_SUCCESS) gpu->uuid[0] = 0;
    gpu->uuid[sizeof gpu->uuid - 1] = 0;
    struct memory_info memory = {0};
    int answer = nvml.memory(device, &memory);
    if (answer == NVML_SUCCESS) {
        gpu->memory_total = memory.total;
        gpu->memory_free = memory.free;
    }
    gpu->shares_memory = answer == NVML_ERROR_NOT_SUPPORTED;
}

// The slices of a divided card; none of a whole one.
static int slices(void *card, int index, chost_nvidia_gpu *gpus, int capacity) {
    unsigned int now = 0, next = 0, most = 0;
    if (!nvml.mig_mode || !nvml.mig_count || !nvml.mig_handle) return 0;
    if (nvml.mig_mode(card, &now, &next) != NVML_SUCCESS || now != 1) return 0;
    gpus[index].is_divided = 1;
    int found = 0;
    if (nvml.mig_count(card, &most) != NVML_SUCCESS) return 0;
    for (unsigned int slice = 0; slice < most && index + 1 + found < capacity; slice++) {
        void *device = NULL;
        if (nvml.mig_handle(card, slice, &device) != NVML_SUCCESS) continue;
        found++;
        describe(device, &gpus[index + found]);
        gpus[index + found].card = index;
    }
    return found;
}

int chost_nvidia_gpus(chost_nvidia_gpu *gpus, int capacity) {
    if (!gpus || capacity <= 0 || !load() || nvml.init() != NVML_SUCCESS) return -1;
    int found = -1;
    unsigned int count = 0;
    if (nvml.count(&count) == NVML_SUCCESS) {
        found = 0;
        for (unsigned int index = 0; index < count && found < capacity; index++) {
            void *device = NULL;
            if (nvml.handle(index, &device) != NVML_SUCCESS) continue;
            describe(device, &gpus[found]);
            found += 1 + slices(device, found, gpus, capacity);
        }
    }
    nvml.shut_down();
    return found;
}
