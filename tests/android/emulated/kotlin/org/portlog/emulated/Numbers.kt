package org.portlog.emulated

// The kernel's numbers of system calls, by include/uapi/asm-generic/unistd.h (64-bit ARM) and
// arch/arm/tools/syscall.tbl (32-bit ARM): those that the library, Rust's standard library or the C
// library may make. One that is missing here is shown by its number, and fails the tests.

internal val NUMBERS_64: Map<Int, String> = mapOf(
    17 to "getcwd", 19 to "eventfd2", 24 to "dup3", 25 to "fcntl", 29 to "ioctl", 32 to "flock",
    34 to "mkdirat", 35 to "unlinkat", 37 to "linkat", 38 to "renameat", 43 to "statfs",
    45 to "truncate", 46 to "ftruncate", 48 to "faccessat", 53 to "fchmodat", 54 to "fchownat",
    56 to "openat", 57 to "close", 59 to "pipe2", 61 to "getdents64", 62 to "lseek", 63 to "read",
    64 to "write", 65 to "readv", 66 to "writev", 67 to "pread64", 68 to "pwrite64",
    72 to "pselect6", 73 to "ppoll", 78 to "readlinkat", 79 to "newfstatat", 80 to "fstat",
    82 to "fsync", 83 to "fdatasync", 93 to "exit", 94 to "exit_group", 96 to "set_tid_address",
    98 to "futex", 101 to "nanosleep", 113 to "clock_gettime", 114 to "clock_getres",
    115 to "clock_nanosleep", 123 to "sched_getaffinity", 124 to "sched_yield", 131 to "tgkill",
    132 to "sigaltstack", 134 to "rt_sigaction", 135 to "rt_sigprocmask", 160 to "uname",
    167 to "prctl", 169 to "gettimeofday", 172 to "getpid", 174 to "getuid", 175 to "geteuid",
    176 to "getgid", 178 to "gettid", 179 to "sysinfo", 198 to "socket", 200 to "bind",
    201 to "listen", 202 to "accept", 203 to "connect", 204 to "getsockname", 205 to "getpeername",
    206 to "sendto", 207 to "recvfrom", 208 to "setsockopt", 209 to "getsockopt", 210 to "shutdown",
    214 to "brk", 215 to "munmap", 216 to "mremap", 220 to "clone", 222 to "mmap",
    226 to "mprotect", 233 to "madvise", 242 to "accept4", 261 to "prlimit64", 276 to "renameat2",
    278 to "getrandom", 291 to "statx",
)

internal val NUMBERS_32: Map<Int, String> = mapOf(
    1 to "exit", 3 to "read", 4 to "write", 5 to "open", 6 to "close", 9 to "link", 10 to "unlink",
    19 to "lseek", 20 to "getpid", 33 to "access", 38 to "rename", 39 to "mkdir", 40 to "rmdir",
    45 to "brk", 54 to "ioctl", 63 to "dup2", 77 to "getrusage", 78 to "gettimeofday",
    85 to "readlink", 91 to "munmap", 93 to "ftruncate", 118 to "fsync", 120 to "clone",
    122 to "uname", 125 to "mprotect", 126 to "sigprocmask", 140 to "_llseek", 142 to "_newselect",
    143 to "flock", 145 to "readv", 146 to "writev", 148 to "fdatasync", 158 to "sched_yield",
    162 to "nanosleep", 163 to "mremap", 168 to "poll", 172 to "prctl", 174 to "rt_sigaction",
    175 to "rt_sigprocmask", 180 to "pread64", 181 to "pwrite64", 183 to "getcwd",
    186 to "sigaltstack", 191 to "ugetrlimit", 192 to "mmap2", 194 to "ftruncate64",
    195 to "stat64", 196 to "lstat64", 197 to "fstat64", 199 to "getuid32", 200 to "getgid32",
    201 to "geteuid32", 212 to "chown32", 217 to "getdents64", 220 to "madvise", 221 to "fcntl64",
    224 to "gettid", 238 to "tkill", 240 to "futex", 242 to "sched_getaffinity",
    248 to "exit_group", 256 to "set_tid_address", 263 to "clock_gettime", 264 to "clock_getres",
    265 to "clock_nanosleep", 266 to "statfs64", 268 to "tgkill", 281 to "socket", 282 to "bind",
    283 to "connect", 284 to "listen", 285 to "accept", 286 to "getsockname", 287 to "getpeername",
    290 to "sendto", 292 to "recvfrom", 293 to "shutdown", 294 to "setsockopt", 295 to "getsockopt",
    322 to "openat", 323 to "mkdirat", 327 to "fstatat64", 328 to "unlinkat", 329 to "renameat",
    332 to "readlinkat", 333 to "fchmodat", 334 to "faccessat", 336 to "ppoll", 356 to "eventfd2",
    358 to "dup3", 359 to "pipe2", 366 to "accept4", 369 to "prlimit64", 382 to "renameat2",
    384 to "getrandom", 397 to "statx", 983042 to "__ARM_NR_cacheflush",
    983045 to "__ARM_NR_set_tls",
)

// What Android 8 does not let an app call, of the above: its filter, the first that there was, ends the
// process for it, so none may be made even where an error would do. Looked up for every name above in
// what AOSP published; README.md beside this source says where, and how to compare the two anew.

internal val NOT_ALLOWED_64: Set<String> = setOf("accept", "statx")

internal val NOT_ALLOWED_32: Set<String> =
    setOf("accept", "chown32", "ftruncate", "link", "rmdir", "sigprocmask", "statx")
