#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>

#ifdef __linux__

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int imago_follow_parent(pid_t parent) {
    // Who stops a server may signal all its processes (a terminal's ctrl-C, a service manager): only the server decides.
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL)) return -1;
    if (getppid() == parent) return 0;
    // It died before the request to hear of that.
    errno = ESRCH;
    return -1;
}

int imago_limit_resources(uint64_t memory, uint64_t descriptors) {
    // Writable private memory counts, whatever it is used for; code and what is merely reserved don't (setrlimit(2)).
    const struct rlimit data = {memory, memory}, files = {descriptors, descriptors}, none = {0, 0};
    if (setrlimit(RLIMIT_DATA, &data)) return -1;
    if (setrlimit(RLIMIT_NOFILE, &files)) return -1;
    if (setrlimit(RLIMIT_FSIZE, &none)) return -1;
    return setrlimit(RLIMIT_CORE, &none);
}

void imago_yield(int steps) {
    errno = 0;
    const int now = getpriority(PRIO_PROCESS, 0);
    if (errno == 0) setpriority(PRIO_PROCESS, 0, now + steps);
    const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    const ssize_t written = write(file, "800", 3);
    (void)written;
    close(file);
}

void imago_return_freed_memory(void) {
    mallopt(M_ARENA_MAX, 2);
    // Rasters go back to the system as they are freed. Setting it keeps the threshold from growing by itself.
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

int imago_reach(void) {
    int reach = 0;
    const int file = open("/", O_RDONLY | O_CLOEXEC);
    if (file >= 0) reach |= imago_reach_files, close(file);
    const int families[] = {AF_INET, AF_INET6, AF_UNIX};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        const int end = socket(families[i], SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (end >= 0) reach |= imago_reach_network, close(end);
    }
    const pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) reach |= imago_reach_processes, waitpid(child, NULL, 0);
    if (kill(getppid(), 0) == 0) reach |= imago_reach_processes;
    void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code != MAP_FAILED) reach |= imago_reach_code, munmap(code, 4096);
    struct rlimit limit;
    if (getrlimit(RLIMIT_CPU, &limit) == 0 && setrlimit(RLIMIT_CPU, &limit) == 0) reach |= imago_reach_limits;
    return reach;
}

static uint64_t spare_memory;
static int exit_status;

static void end(int signal) {
    if (mmap(NULL, spare_memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
        _exit(exit_status);
    // Blocked while this runs; comes when it returns, and does by then what it would have done without us.
    raise(signal);
}

int imago_exit_when_out_of_memory(uint64_t spare, int status) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGILL, SIGFPE};
    // For the thread that calls: enough for one that overran its own.
    const size_t size = 64 << 10;
    const stack_t stack = {.ss_sp = malloc(size), .ss_size = size};
    if (!stack.ss_sp || sigaltstack(&stack, NULL)) return -1;
    spare_memory = spare;
    exit_status = status;
    struct sigaction action = {.sa_handler = end, .sa_flags = SA_ONSTACK | SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], &action, NULL)) return -1;
    return 0;
}

int imago_drop_privileges(void) {
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)) return -1;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

#else

static int unsupported(void) {
    errno = ENOSYS;
    return -1;
}

int imago_follow_parent(pid_t parent) { return (void)parent, unsupported(); }
int imago_limit_resources(uint64_t memory, uint64_t descriptors) {
    return (void)memory, (void)descriptors, unsupported();
}
void imago_yield(int steps) { (void)steps; }
void imago_return_freed_memory(void) {}
int imago_exit_when_out_of_memory(uint64_t spare, int status) { return (void)spare, (void)status, unsupported(); }
int imago_drop_privileges(void) { return unsupported(); }
int imago_reach(void) {
    return imago_reach_files | imago_reach_network | imago_reach_processes | imago_reach_code | imago_reach_limits;
}

#endif
