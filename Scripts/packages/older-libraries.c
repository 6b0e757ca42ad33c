// For a program whose parts were compiled on a Linux newer than those that it is to run on.

// libstdc++ 11 has a function of its own for what libstdc++ 10 ends with in another way.
void slm_bad_array_new_length(void) __asm__("_ZSt28__throw_bad_array_new_lengthv");
void slm_bad_array_new_length(void) { __builtin_trap(); }

// Of glibc 2.29, for a `Process` of Foundation that is started in another folder; we start none.
int __wrap_posix_spawn_file_actions_addchdir_np(void *actions, const char *path);
int __wrap_posix_spawn_file_actions_addchdir_np(void *actions, const char *path) {
    (void)actions, (void)path;
    return 38;  // ENOSYS
}

// glibc 2.29 gave these functions a second version, which differs in `errno` alone: with the first one the program also
// runs on glibc 2.28. The linker's --wrap leads here.
#if defined(__x86_64__)
#define FIRST "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define FIRST "GLIBC_2.17"
#endif
#define ONE(name)                                            \
    __asm__(".symver slm_first_" #name "," #name "@" FIRST); \
    double slm_first_##name(double);                         \
    double __wrap_##name(double x);                          \
    double __wrap_##name(double x) { return slm_first_##name(x); }
ONE(exp)
ONE(exp2)
ONE(log)
ONE(log2)

__asm__(".symver slm_first_pow,pow@" FIRST);
double slm_first_pow(double, double);
double __wrap_pow(double x, double y);
double __wrap_pow(double x, double y) { return slm_first_pow(x, y); }
