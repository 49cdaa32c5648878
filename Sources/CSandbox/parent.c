#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

ssize_t imago_send(int socket, const void *bytes, size_t count, int descriptor) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.room;
        message.msg_controllen = sizeof control.room;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
#ifdef MSG_NOSIGNAL
    const int flags = MSG_NOSIGNAL;
#else
    const int flags = 0;
#endif
    ssize_t sent;
    do sent = sendmsg(socket, &message, flags);
    while (sent < 0 && errno == EINTR);
    return sent;
}

ssize_t imago_receive(int socket, void *bytes, size_t capacity, int *descriptor) {
    struct iovec part = {.iov_base = bytes, .iov_len = capacity};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor) {
        *descriptor = -1;
        message.msg_control = control.room;
        message.msg_controllen = sizeof control.room;
    }
#ifdef MSG_CMSG_CLOEXEC
    const int flags = MSG_CMSG_CLOEXEC;
#else
    const int flags = 0;
#endif
    ssize_t got;
    do got = recvmsg(socket, &message, flags);
    while (got < 0 && errno == EINTR);
    if (got < 0) return -1;
    if (descriptor) {
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS
            && header->cmsg_len == CMSG_LEN(sizeof(int)))
            memcpy(descriptor, CMSG_DATA(header), sizeof(int));
    }
    if (message.msg_flags & MSG_TRUNC) {
        if (descriptor && *descriptor >= 0) close(*descriptor);
        errno = EMSGSIZE;
        return -1;
    }
    return got;
}

int imago_wait(int socket, int milliseconds) {
    struct pollfd event = {.fd = socket, .events = POLLIN};
    const int ready = poll(&event, 1, milliseconds);
    return ready > 0 ? 1 : ready;
}

int imago_reap(pid_t process, int wait, imago_ending *ending) {
    int status;
    pid_t ended;
    do ended = waitpid(process, &status, wait ? 0 : WNOHANG);
    while (ended < 0 && errno == EINTR);
    if (ended <= 0) return (int)ended;
    ending->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ending->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return 1;
}

#ifdef __linux__

int imago_socket_pair(int sockets[2]) {
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets);
}

int imago_shared_memory(size_t bytes) {
    const int memory = memfd_create("imago-payload", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory < 0) return -1;
    if (ftruncate(memory, (off_t)bytes) || fcntl(memory, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)) {
        const int reason = errno;
        close(memory);
        errno = reason;
        return -1;
    }
    return memory;
}

int imago_start_worker(const char *program, char *const arguments[], char *const environment[], int socket,
                       pid_t *process) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int failure = posix_spawn_file_actions_init(&files);
    if (failure) goto out;
    failure = posix_spawnattr_init(&attributes);
    if (failure) goto out_files;
    // The socket first: it may itself be one of the numbers that are given away next.
    if ((failure = posix_spawn_file_actions_adddup2(&files, socket, 3))
        || (failure = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0))
        || (failure = posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0))
        || (failure = posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0))
        || (failure = posix_spawn_file_actions_addclosefrom_np(&files, 4))
        || (failure = posix_spawnattr_setpgroup(&attributes, 0))
        || (failure = posix_spawnattr_setsigmask(&attributes, &none))
        || (failure = posix_spawnattr_setsigdefault(&attributes, &all))
        || (failure = posix_spawnattr_setflags(
                &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)))
        goto out_attributes;
    failure = posix_spawn(process, program, &files, &attributes, arguments, environment);
out_attributes:
    posix_spawnattr_destroy(&attributes);
out_files:
    posix_spawn_file_actions_destroy(&files);
out:
    errno = failure;
    return failure ? -1 : 0;
}

int imago_grant_processor_time(pid_t process, uint64_t seconds) {
    clockid_t clock;
    struct timespec used;
    const int failure = clock_getcpuclockid(process, &clock);
    if (failure) {
        errno = failure;
        return -1;
    }
    if (clock_gettime(clock, &used)) return -1;
    // Only the soft limit: the hard one could not be raised again for the next picture.
    const struct rlimit limit = {.rlim_cur = (rlim_t)used.tv_sec + 1 + seconds, .rlim_max = RLIM_INFINITY};
    return prlimit(process, RLIMIT_CPU, &limit, NULL);
}

#else

static int unsupported(void) {
    errno = ENOSYS;
    return -1;
}

int imago_socket_pair(int sockets[2]) { return (void)sockets, unsupported(); }
int imago_shared_memory(size_t bytes) { return (void)bytes, unsupported(); }
int imago_start_worker(const char *program, char *const arguments[], char *const environment[], int socket,
                       pid_t *process) {
    return (void)program, (void)arguments, (void)environment, (void)socket, (void)process, unsupported();
}
int imago_grant_processor_time(pid_t process, uint64_t seconds) {
    return (void)process, (void)seconds, unsupported();
}

#endif
