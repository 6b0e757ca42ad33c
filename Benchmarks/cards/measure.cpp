// What llama.cpp takes on cards and in memory. Reads jobs from standard input, one a line, as key=value pairs, and prints
// a JSON line for each: bytes of weights, cache and results by buffer type; of real runs (real=1) also what the driver
// says that this process has on the card after loading, one token, and a prompt, and how fast it writes (gen=N).
//
//     model=FILE [ngl=N] [ctx=N] [ub=N] [k=TYPE] [v=TYPE] [fa=auto|on|off] [nkvo=1] [ncmoe=N] [cards=N] [ts=3/1]
//     [outputs=N] [seqs=N unified=1] [real=1 [gen=N]]
//
// Without real=1 nothing is loaded (no_alloc). Several cards are the virtual ones of GGML_CUDA_DEVICES. Put into tools/ of
// llama.cpp (commit 0c1e570) and linked with its library; the cache of a window is whole, as by the C API's defaults.
#include "llama.h"
#include "llama-ext.h"
#include "ggml-backend.h"
#include <cstdio>
#include <cstring>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>
#include <sstream>
#include <iostream>
#include <dlfcn.h>
#include <unistd.h>
#include <chrono>

struct procinfo { unsigned pid; unsigned long long used; unsigned a, b; };
static long long card_bytes() {
    static void * lib = dlopen("libnvidia-ml.so.1", RTLD_NOW);
    if (!lib) return -1;
    static auto init = (int (*)()) dlsym(lib, "nvmlInit_v2");
    static auto handle = (int (*)(unsigned, void **)) dlsym(lib, "nvmlDeviceGetHandleByIndex_v2");
    static auto procs = (int (*)(void *, unsigned *, procinfo *)) dlsym(lib, "nvmlDeviceGetComputeRunningProcesses_v3");
    static bool ready = init && init() == 0;
    if (!ready) return -1;
    void * dev = nullptr;
    if (handle(0, &dev) != 0) return -2;
    std::vector<procinfo> list(128);
    unsigned n = 128;
    if (procs(dev, &n, list.data()) != 0) return -3;
    long long mine = -4;
    if (n == 1) return (long long) list[0].used; // another namespace of process numbers
    for (unsigned i = 0; i < n; i++) if (list[i].pid == (unsigned) getpid()) mine = (long long) list[i].used;
    return mine;
}
static std::string logged;
static void quiet(ggml_log_level level, const char * text, void *) {
    if (level == GGML_LOG_LEVEL_ERROR) { logged += text; }
}
static std::string escape(const std::string & s) {
    std::string out;
    for (char c : s) { if (c == '"' || c == '\\') { out += '\\'; out += c; } else if (c == '\n') out += ' '; else if ((unsigned char) c >= 32) out += c; }
    return out;
}
static ggml_type type_of(const std::string & s) {
    for (int i = 0; i < GGML_TYPE_COUNT; i++) { const char * n = ggml_type_name((ggml_type) i); if (n && s == n) return (ggml_type) i; }
    return GGML_TYPE_F16;
}
int main() {
    llama_log_set(quiet, nullptr);
    ggml_backend_load_all();
    llama_backend_init();
    std::string line;
    while (std::getline(std::cin, line)) {
        if (line.empty()) continue;
        std::map<std::string, std::string> job;
        std::istringstream in(line);
        std::string word;
        while (in >> word) { auto at = word.find('='); if (at != std::string::npos) job[word.substr(0, at)] = word.substr(at + 1); }
        auto number = [&](const char * k, int d) { return job.count(k) ? atoi(job[k].c_str()) : d; };
        logged.clear();
        llama_model_params mp = llama_model_default_params();
        llama_context_params cp = llama_context_default_params();
        const bool real = number("real", 0) != 0;
        mp.no_alloc = !real;
        mp.load_mode = real ? LLAMA_LOAD_MODE_AUTO : LLAMA_LOAD_MODE_NONE;
        if (job.count("lm")) mp.load_mode = llama_load_mode_from_str(job["lm"].c_str());
        mp.n_gpu_layers = number("ngl", 99);
        mp.use_extra_bufts = number("repack", 1) != 0;
        mp.no_host = number("nohost", 0) != 0;
        std::vector<ggml_backend_dev_t> devs;
        int cards = number("cards", 1);
        for (size_t i = 0; i < ggml_backend_dev_count() && (int) devs.size() < cards; i++) {
            auto d = ggml_backend_dev_get(i);
            if (ggml_backend_dev_type(d) == GGML_BACKEND_DEVICE_TYPE_GPU) devs.push_back(d);
        }
        size_t found = devs.size();
        devs.push_back(nullptr);
        if (found) mp.devices = devs.data();
        std::vector<float> split(llama_max_devices() + 1, 0);
        if (job.count("ts")) { std::istringstream t(job["ts"]); std::string part; size_t i = 0; while (std::getline(t, part, '/')) split[i++] = atof(part.c_str()); mp.tensor_split = split.data(); }
        std::vector<std::string> patterns;
        std::vector<llama_model_tensor_buft_override> overrides;
        int moe = number("ncmoe", 0);
        if (moe > 0) {
            for (int i = 0; i < moe; i++) patterns.push_back("blk\\." + std::to_string(i) + "\\.ffn_(up|down|gate|gate_up)_(ch|)exps");
            for (auto & p : patterns) overrides.push_back({p.c_str(), ggml_backend_cpu_buffer_type()});
            overrides.push_back({nullptr, nullptr});
            mp.tensor_buft_overrides = overrides.data();
        }
        cp.n_ctx = number("ctx", 4096);
        cp.n_batch = number("batch", 2048);
        cp.n_ubatch = number("ub", 512);
        cp.n_seq_max = number("seqs", 1);
        cp.kv_unified = number("unified", 0) != 0;
        cp.n_outputs_max = number("outputs", 0);
        cp.n_threads = cp.n_threads_batch = number("threads", 4);
        if (job.count("k")) cp.type_k = type_of(job["k"]);
        if (job.count("v")) cp.type_v = type_of(job["v"]);
        std::string fa = job.count("fa") ? job["fa"] : "auto";
        cp.flash_attn_type = fa == "on" ? LLAMA_FLASH_ATTN_TYPE_ENABLED : fa == "off" ? LLAMA_FLASH_ATTN_TYPE_DISABLED : LLAMA_FLASH_ATTN_TYPE_AUTO;
        cp.offload_kqv = number("nkvo", 0) == 0;
        cp.op_offload = number("noop", 0) == 0;
        cp.no_perf = true;
        printf("{\"job\":\"%s\"", escape(line).c_str());
        auto t0 = std::chrono::steady_clock::now();
        llama_model * model = llama_model_load_from_file(job["model"].c_str(), mp);
        long long after_load = real ? card_bytes() : 0;
        llama_context * ctx = model ? llama_init_from_model(model, cp) : nullptr;
        if (!ctx) {
            printf(",\"error\":\"%s\"}\n", escape(logged.substr(0, 400)).c_str()); fflush(stdout);
            if (model) llama_model_free(model);
            continue;
        }
        printf(",\"n_layer\":%d,\"n_ctx\":%u,\"buffers\":{", llama_model_n_layer(model), llama_n_ctx(ctx));
        bool first = true;
        for (const auto & [buft, mb] : llama_get_memory_breakdown(ctx)) {
            printf("%s\"%s\":[%zu,%zu,%zu]", first ? "" : ",", ggml_backend_buft_name(buft), mb.model, mb.context, mb.compute);
            first = false;
        }
        printf("}");
        if (real) {
            long long ready = card_bytes();
            const int vocab = llama_vocab_n_tokens(llama_model_get_vocab(model));
            auto decode = [&](int n) {
                std::vector<llama_token> tokens(n);
                for (int i = 0; i < n; i++) tokens[i] = (i * 7 + 5) % (vocab > 0 ? vocab : 100);
                llama_batch batch = llama_batch_get_one(tokens.data(), n);
                int rc = llama_model_has_encoder(model) && !llama_model_has_decoder(model) ? llama_encode(ctx, batch) : llama_decode(ctx, batch);
                llama_synchronize(ctx);
                return rc;
            };
            int rc1 = decode(1);
            long long one = card_bytes();
            int rc2 = decode(std::min<int>(512, (int) cp.n_ctx - 80));
            long long many = card_bytes();
            auto t = std::chrono::steady_clock::now();
            int wrote = 0, gen = number("gen", 0);
            for (; wrote < gen; wrote++) if (decode(1)) break;
            double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - t).count();
            printf(",\"loaded\":%lld,\"ready\":%lld,\"one\":%lld,\"many\":%lld,\"end\":%lld,\"rc\":[%d,%d],\"write_ts\":%.2f", after_load, ready, one, many, card_bytes(), rc1, rc2, gen ? wrote / seconds : 0);
        }
        printf(",\"secs\":%.2f}\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - t0).count());
        fflush(stdout);
        llama_free(ctx);
        llama_model_free(model);
    }
    return 0;
}
