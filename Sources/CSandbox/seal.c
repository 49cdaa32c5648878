#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

// The filter is a program for the kernel's packet filter machine (seccomp(2)): it loads words of what the call says of
// itself and jumps. Both processors here are little-endian, so the lower half of an argument comes first.
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define LOAD_LOW(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]))
#define LOAD_HIGH(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]) + 4)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
#define ALLOW RETURN(SECCOMP_RET_ALLOW)
#define REFUSE(reason) RETURN(SECCOMP_RET_ERRNO | (reason))
// Skips the next `count` statements unless the loaded word equals, or has any of the bits.
#define UNLESS_EQUAL(value, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count)
#define UNLESS_ANY(bits, count) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, count)
#define ALLOW_CALL(name) UNLESS_EQUAL(__NR_##name, 1), ALLOW

int imago_seal(void) {
    struct sock_filter filter[] = {
        // Calls of another architecture have other numbers.
        LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0), REFUSE(EPERM),
        LOAD(nr),

        // Memory. No code is made at run time.
        ALLOW_CALL(brk), ALLOW_CALL(munmap), ALLOW_CALL(mremap), ALLOW_CALL(madvise),
        UNLESS_EQUAL(__NR_mmap, 4), LOAD_LOW(2), UNLESS_ANY(PROT_EXEC, 1), REFUSE(EPERM), ALLOW,
        UNLESS_EQUAL(__NR_mprotect, 4), LOAD_LOW(2), UNLESS_ANY(PROT_EXEC, 1), REFUSE(EPERM), ALLOW,

        // The descriptors it has, and those it is handed.
        ALLOW_CALL(read), ALLOW_CALL(pread64), ALLOW_CALL(readv), ALLOW_CALL(write), ALLOW_CALL(writev),
        ALLOW_CALL(lseek), ALLOW_CALL(fstat), ALLOW_CALL(close), ALLOW_CALL(recvmsg), ALLOW_CALL(sendmsg),
        // As the C library's fstat.
        UNLESS_EQUAL(__NR_newfstatat, 4), LOAD_LOW(3), UNLESS_EQUAL(0x1000 /* AT_EMPTY_PATH */, 1), ALLOW,
        REFUSE(EPERM),

        // Threads, but no processes. The newer call hides its flags from filters; the C library falls back.
        UNLESS_EQUAL(__NR_clone3, 1), REFUSE(ENOSYS),
        UNLESS_EQUAL(__NR_clone, 4), LOAD_LOW(0), UNLESS_ANY(CLONE_THREAD, 1), ALLOW, REFUSE(EPERM),
        ALLOW_CALL(futex), ALLOW_CALL(set_robust_list), ALLOW_CALL(rseq), ALLOW_CALL(sched_yield),
        ALLOW_CALL(sched_getaffinity), ALLOW_CALL(getcpu), ALLOW_CALL(membarrier),
        UNLESS_EQUAL(__NR_prctl, 4), LOAD_LOW(0), UNLESS_EQUAL(PR_SET_NAME, 1), ALLOW, REFUSE(EPERM),
        // Asking for a limit, never setting one.
        UNLESS_EQUAL(__NR_prlimit64, 6), LOAD_LOW(2), UNLESS_EQUAL(0, 3), LOAD_HIGH(2), UNLESS_EQUAL(0, 1), ALLOW,
        REFUSE(EPERM),

        // Time, chance, who am I.
        ALLOW_CALL(clock_gettime), ALLOW_CALL(clock_getres), ALLOW_CALL(clock_nanosleep), ALLOW_CALL(nanosleep),
        ALLOW_CALL(gettimeofday), ALLOW_CALL(getrandom), ALLOW_CALL(getrusage), ALLOW_CALL(uname),
        ALLOW_CALL(sysinfo), ALLOW_CALL(getpid), ALLOW_CALL(gettid), ALLOW_CALL(getuid), ALLOW_CALL(geteuid),
        ALLOW_CALL(getgid), ALLOW_CALL(getegid),

        // Its own signals and its end.
        ALLOW_CALL(rt_sigaction), ALLOW_CALL(rt_sigprocmask), ALLOW_CALL(rt_sigreturn), ALLOW_CALL(sigaltstack),
        ALLOW_CALL(restart_syscall), ALLOW_CALL(exit), ALLOW_CALL(exit_group),
        UNLESS_EQUAL(__NR_tgkill, 4), LOAD_LOW(0), UNLESS_EQUAL((uint32_t)getpid(), 1), ALLOW, REFUSE(EPERM),

        // All else. (On x86-64 that takes in the x32 calls, whose numbers have a bit of their own.)
        REFUSE(EPERM),
    };
    const struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};
    // A worker holds nothing but one picture, so it needs no costly guard against reading itself by speculation.
    const unsigned flags = SECCOMP_FILTER_FLAG_TSYNC;
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
    if (result < 0 && errno == EINVAL) result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    if (result > 0) errno = EBUSY;  // A thread could not be taken along.
    return result == 0 ? 0 : -1;
}

#else

int imago_seal(void) {
    errno = ENOSYS;
    return -1;
}

#endif
