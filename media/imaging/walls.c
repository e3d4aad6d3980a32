#include "walls.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Debian 12's headers end with REFER; the kernel is asked at run time which of these it knows. */
#define FS_TRUNCATE  (1ULL << 14) /* ABI 3 */
#define FS_IOCTL_DEV (1ULL << 15) /* ABI 5 */
#define NET_TCP      (3ULL)       /* ABI 4: bind and connect */
#define SCOPE_ALL    (3ULL)       /* ABI 6: abstract sockets and signals */

#define FS_ABI_1 ((1ULL << 13) - 1)
#define FS_READ  (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_FILES                                                                                   \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |   \
     FS_TRUNCATE | FS_IOCTL_DEV)

struct ruleset_attr {
    uint64_t fs, net, scoped;
};

static int limit(int what, uint64_t soft, uint64_t hard)
{
    return setrlimit((__rlimit_resource_t)what, &(struct rlimit){ soft, hard });
}

int walls_limits(const struct walls *walls)
{
    if (limit(RLIMIT_AS, walls->memory_bytes, walls->memory_bytes) ||
        limit(RLIMIT_CPU, walls->cpu_s, walls->cpu_s + 1) || /* SIGXCPU, then SIGKILL */
        limit(RLIMIT_FSIZE, walls->file_bytes, walls->file_bytes) || limit(RLIMIT_NOFILE, 64, 64) ||
        limit(RLIMIT_CORE, 0, 0) || limit(RLIMIT_MEMLOCK, 0, 0) || limit(RLIMIT_MSGQUEUE, 0, 0))
        return -1;
    return 0;
}

int walls_user(const struct walls *walls)
{
    if (walls->uid == 0 || geteuid() != 0)
        return 0;
    if (setgroups(0, NULL) || setresgid(walls->uid, walls->uid, walls->uid) ||
        setresuid(walls->uid, walls->uid, walls->uid))
        return -1;
    return 0;
}

/* After a change of user, which clears the parent's death signal. */
int walls_end_with(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
        return -1;
    if (getppid() != parent) { /* it died before we asked */
        errno = ESRCH;
        return -1;
    }
    return 0;
}

static int open_rule(int ruleset, const char *path, uint64_t allowed)
{
    struct landlock_path_beneath_attr rule = { .allowed_access = allowed };
    struct stat st;
    long rc;

    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return -1;
    if (fstat(rule.parent_fd, &st)) {
        close(rule.parent_fd);
        return -1;
    }
    if (!S_ISDIR(st.st_mode))
        rule.allowed_access &= FS_FILES;
    rc = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
    return (int)rc;
}

/* Files every decoder may want; a missing one is no fault. */
static int add_rules(int ruleset, const struct walls *walls, uint64_t handled)
{
    static const char *const look[] = { "/etc/fonts", "/etc/ld.so.cache", "/var/cache/fontconfig",
                                        "/dev/urandom" };
    uint64_t run = FS_READ | LANDLOCK_ACCESS_FS_EXECUTE;
    uint64_t own = FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                   LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                   LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REFER | FS_TRUNCATE;

    for (size_t i = 0; i < sizeof look / sizeof *look; i++)
        if (open_rule(ruleset, look[i], FS_READ) && errno != ENOENT)
            return -1;
    if (open_rule(ruleset, "/dev/null", (FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE) & handled) &&
        errno != ENOENT)
        return -1;
    for (size_t i = 0; i < walls->reads; i++)
        if (open_rule(ruleset, walls->read[i], run))
            return -1;
    if (open_rule(ruleset, "/usr", run))
        return -1;
    return open_rule(ruleset, walls->write_dir, own & handled);
}

int walls_landlock(const struct walls *walls, int *out_abi)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct ruleset_attr attr = { .fs = FS_ABI_1 };
    size_t size = sizeof attr.fs;
    int ruleset, rc;

    *out_abi = abi > 0 ? (int)abi : 0;
    if (abi <= 0)
        return 0;
    if (abi >= 2)
        attr.fs |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3)
        attr.fs |= FS_TRUNCATE;
    if (abi >= 4) {
        attr.net = NET_TCP;
        size = 2 * sizeof attr.fs;
    }
    if (abi >= 5)
        attr.fs |= FS_IOCTL_DEV;
    if (abi >= 6) {
        attr.scoped = SCOPE_ALL;
        size = sizeof attr;
    }
    ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    if (ruleset < 0)
        return -1;
    rc = add_rules(ruleset, walls, attr.fs);
    if (rc == 0)
        rc = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
    close(ruleset);
    return rc;
}

/* Refused with EPERM: reaching out, other processes, other namespaces, the kernel's insides. */
static const int denied[] = {
    SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen),
    SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev), SCMP_SYS(process_madvise), SCMP_SYS(kcmp), SCMP_SYS(pidfd_open),
    SCMP_SYS(pidfd_getfd), SCMP_SYS(pidfd_send_signal), SCMP_SYS(rt_sigqueueinfo),
    SCMP_SYS(rt_tgsigqueueinfo), SCMP_SYS(tkill), SCMP_SYS(fork), SCMP_SYS(vfork),
    SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(move_mount), SCMP_SYS(open_tree),
    SCMP_SYS(fsopen), SCMP_SYS(fsmount), SCMP_SYS(fspick), SCMP_SYS(mount_setattr),
    SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(unshare), SCMP_SYS(setns),
    SCMP_SYS(bpf), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register),
    SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd), SCMP_SYS(fanotify_init), SCMP_SYS(open_by_handle_at),
    SCMP_SYS(name_to_handle_at), SCMP_SYS(init_module), SCMP_SYS(finit_module),
    SCMP_SYS(delete_module), SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(reboot),
    SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(syslog), SCMP_SYS(acct), SCMP_SYS(quotactl),
    SCMP_SYS(personality), SCMP_SYS(iopl), SCMP_SYS(ioperm), SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime), SCMP_SYS(sethostname), SCMP_SYS(setdomainname), SCMP_SYS(mknod),
    SCMP_SYS(mknodat), SCMP_SYS(symlink), SCMP_SYS(symlinkat), SCMP_SYS(link), SCMP_SYS(linkat),
    SCMP_SYS(chown), SCMP_SYS(fchown), SCMP_SYS(lchown), SCMP_SYS(fchownat), SCMP_SYS(setxattr),
    SCMP_SYS(lsetxattr), SCMP_SYS(fsetxattr),
};

int walls_seccomp(const struct walls *walls)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    scmp_datum_t self = (scmp_datum_t)getpid(); /* execv keeps it */
    const uint32_t no = SCMP_ACT_ERRNO(EPERM);
    int rc;

    if (!filter) {
        errno = ENOMEM;
        return -1;
    }
    rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    for (size_t i = 0; !rc && i < sizeof denied / sizeof *denied; i++)
        rc = seccomp_rule_add(filter, no, denied[i], 0);
    /* A pair within the process reaches nobody; GStreamer's bus wakes itself by one. */
    if (!rc)
        rc = walls->pairs ? seccomp_rule_add(filter, no, SCMP_SYS(socketpair), 1, SCMP_A0(SCMP_CMP_NE, AF_UNIX, 0))
                          : seccomp_rule_add(filter, no, SCMP_SYS(socketpair), 0);
    /* Threads yes, processes no. clone3 hides its flags from the filter: glibc then uses clone. */
    if (!rc)
        rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (!rc)
        rc = seccomp_rule_add(filter, no, SCMP_SYS(clone), 1,
                              SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    /* abort() may signal itself; nobody else is signalled, nor given other limits. */
    if (!rc)
        rc = seccomp_rule_add(filter, no, SCMP_SYS(kill), 1, SCMP_A0(SCMP_CMP_NE, self, 0));
    if (!rc)
        rc = seccomp_rule_add(filter, no, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_NE, self, 0));
    if (!rc)
        rc = seccomp_rule_add(filter, no, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_NE, 0, 0));
    if (!rc)
        rc = seccomp_rule_add(filter, no, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, TIOCSTI, 0));
    if (!rc)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    if (rc) {
        errno = -rc;
        return -1;
    }
    return 0;
}
