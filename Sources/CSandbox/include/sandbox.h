#pragma once

// What a server needs to keep decoding in processes of their own: starting them with nothing inherited, handing them
// files and memory, and shutting them in. For Linux; elsewhere every call fails with ENOSYS.
//
// Calls return 0 or a count, and -1 with errno set, as the system's own do.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// MARK: The parent's side.

// A connected pair of sockets that keep messages apart, both closed on exec.
int imago_socket_pair(int sockets[2]);

// Memory that two processes can map: its size is fixed for good, so neither can pull it away under the other.
int imago_shared_memory(size_t bytes);

// Starts a program in a process group of its own. It has the socket as descriptor 3 and /dev/null as 0, 1 and 2; no
// other descriptor, no signal mask and no environment but what is given come over.
int imago_start_worker(const char *program, char *const arguments[], char *const environment[], int socket,
                       pid_t *process);

// Sends one message, with a descriptor where `descriptor` is not -1. A full socket is waited for.
ssize_t imago_send(int socket, const void *bytes, size_t count, int descriptor);

// Takes one message of at most `capacity` bytes; 0 when the other side is gone. A descriptor that came with it goes to
// `descriptor`, or is dropped where that is null; -1 when none came. A longer message is EMSGSIZE.
ssize_t imago_receive(int socket, void *bytes, size_t capacity, int *descriptor);

// Waits until something can be received or the other side is gone: 1; 0 after so many milliseconds.
int imago_wait(int socket, int milliseconds);

// How a process ended.
typedef struct {
    // Its exit status; -1 when a signal ended it.
    int status;
    // The signal; 0 when it exited.
    int signal;
} imago_ending;

// Takes leave of a child that ended: 1. 0 while it runs, where `wait` is 0.
int imago_reap(pid_t process, int wait, imago_ending *ending);

// Lets a child use so many more seconds of processor time from now on.
int imago_grant_processor_time(pid_t process, uint64_t seconds);

// MARK: The child's side.

// Ends with the parent, whose process id is given, and leaves the terminal's signals to it.
int imago_follow_parent(pid_t parent);

// Limits for good: bytes of memory, descriptors, no file written, no core dump.
int imago_limit_resources(uint64_t memory, uint64_t descriptors);

// Yields to other processes: lower priority by so many steps, and the first to go when memory runs out.
void imago_yield(int steps);

// Keeps freed memory from piling up.
void imago_return_freed_memory(void);

// Where a fatal signal comes while less than `spare` bytes of memory can still be had, the process exits with `status`
// instead, since the one is most likely the other's cause: libraries abort, or use what they did not get.
int imago_exit_when_out_of_memory(uint64_t spare, int status);

// No privileges by exec, no look at the process from outside.
int imago_drop_privileges(void);

// From here on the process may compute, use memory, start threads, and use the descriptors it has. Every other call of
// the system fails with EPERM: no file is opened, no process or connection made. For all threads, and for good.
int imago_seal(void);

// What a process can still reach, found by trying; 0 when it is shut in.
enum imago_reach {
    imago_reach_files = 1,
    imago_reach_network = 2,
    imago_reach_processes = 4,
    imago_reach_code = 8,
    imago_reach_limits = 16,
};
int imago_reach(void);
