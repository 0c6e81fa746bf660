#define FUSE_USE_VERSION 35
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include "CFuse.h"

#include <errno.h>
#include <fuse3/fuse_lowlevel.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

struct cairn_fuse {
    struct fuse_session *session;
    cairn_fuse_calls calls;
    bool is_mounted;
    /// Whether the kernel asks before it lists a folder; newer ones need not.
    bool opens_folders;
};

static fuse_req_t real(cairn_fuse_request *request) { return (fuse_req_t)request; }

static cairn_fuse_request *lent(fuse_req_t request) { return (cairn_fuse_request *)request; }

static const cairn_fuse_calls *calls_of(fuse_req_t request) {
    return &((cairn_fuse *)fuse_req_userdata(request))->calls;
}

// What the library says

static pthread_mutex_t words_lock = PTHREAD_MUTEX_INITIALIZER;
static char words[512];
static char lent_words[512];

static void keep_words(enum fuse_log_level level, const char *format, va_list arguments) {
    if (level > FUSE_LOG_WARNING) return;
    pthread_mutex_lock(&words_lock);
    vsnprintf(words, sizeof words, format, arguments);
    words[strcspn(words, "\n")] = 0;
    pthread_mutex_unlock(&words_lock);
}

const char *cairn_fuse_last_words(void) {
    pthread_mutex_lock(&words_lock);
    memcpy(lent_words, words, sizeof words);
    pthread_mutex_unlock(&words_lock);
    return lent_words;
}

// Questions

static void on_init(void *data, struct fuse_conn_info *connection) {
    cairn_fuse *fuse = data;
    unsigned wanted = FUSE_CAP_ASYNC_READ | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_READDIRPLUS |
                      FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_CACHE_SYMLINKS | FUSE_CAP_AUTO_INVAL_DATA;
    connection->want |= wanted & connection->capable;
    fuse->opens_folders = !(connection->capable & FUSE_CAP_NO_OPENDIR_SUPPORT);
    // Nothing is ever written, and nothing is read through pipes: the answers lie in memory.
    connection->want &= ~(FUSE_CAP_SPLICE_READ | FUSE_CAP_WRITEBACK_CACHE);
    // As much as the mount may have: the kernel takes the smaller of this and what was granted to it.
    connection->max_readahead = 2 << 20;
    connection->max_background = 64;
    connection->congestion_threshold = 48;
}

static void on_lookup(fuse_req_t request, fuse_ino_t parent, const char *name) {
    const cairn_fuse_calls *calls = calls_of(request);
    calls->lookup(calls->context, lent(request), parent, name);
}

static void on_getattr(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file) {
    (void)file;
    const cairn_fuse_calls *calls = calls_of(request);
    calls->attributes(calls->context, lent(request), node);
}

static void on_readlink(fuse_req_t request, fuse_ino_t node) {
    const cairn_fuse_calls *calls = calls_of(request);
    calls->link_target(calls->context, lent(request), node);
}

static void on_open(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file) {
    (void)file;
    const cairn_fuse_calls *calls = calls_of(request);
    calls->open(calls->context, lent(request), node);
}

static void on_read(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *file) {
    const cairn_fuse_calls *calls = calls_of(request);
    calls->read(calls->context, lent(request), node, file->fh, (uint64_t)offset, size);
}

static void on_lseek(fuse_req_t request, fuse_ino_t node, off_t offset, int whence, struct fuse_file_info *file) {
    if (offset < 0 || (whence != SEEK_DATA && whence != SEEK_HOLE)) {
        fuse_reply_err(request, EINVAL);
        return;
    }
    const cairn_fuse_calls *calls = calls_of(request);
    calls->seek(calls->context, lent(request), node, file->fh, (uint64_t)offset, whence == SEEK_HOLE);
}

static void on_release(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file) {
    (void)node;
    const cairn_fuse_calls *calls = calls_of(request);
    calls->close(calls->context, lent(request), file->fh);
}

// The kernel keeps listings, and makes them anew where a folder's time has changed (FUSE_CAP_AUTO_INVAL_DATA). There is nothing to open then, and a
// kernel that is told so does not ask again: a third of the questions of someone who goes through a tree.
static void on_opendir(fuse_req_t request, fuse_ino_t node, struct fuse_file_info *file) {
    (void)node;
    if (!((cairn_fuse *)fuse_req_userdata(request))->opens_folders) {
        fuse_reply_err(request, ENOSYS);
        return;
    }
    file->keep_cache = 1;
    file->cache_readdir = 1;
    fuse_reply_open(request, file);
}

static void list(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset, bool with_attributes) {
    const cairn_fuse_calls *calls = calls_of(request);
    calls->list(calls->context, lent(request), node, (uint64_t)offset, size, with_attributes);
}

static void on_readdir(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *file) {
    (void)file;
    list(request, node, size, offset, false);
}

static void on_readdirplus(fuse_req_t request, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *file) {
    (void)file;
    list(request, node, size, offset, true);
}

static void on_statfs(fuse_req_t request, fuse_ino_t node) {
    (void)node;
    const cairn_fuse_calls *calls = calls_of(request);
    calls->space(calls->context, lent(request));
}

static void on_listxattr(fuse_req_t request, fuse_ino_t node, size_t size) {
    const cairn_fuse_calls *calls = calls_of(request);
    calls->attribute_names(calls->context, lent(request), node, size);
}

static void on_getxattr(fuse_req_t request, fuse_ino_t node, const char *name, size_t size) {
    const cairn_fuse_calls *calls = calls_of(request);
    calls->attribute(calls->context, lent(request), node, name, size);
}

static void on_access(fuse_req_t request, fuse_ino_t node, int mask) {
    (void)node;
    fuse_reply_err(request, (mask & W_OK) ? EROFS : 0);
}

static const struct fuse_lowlevel_ops operations = {
    .init = on_init,
    .lookup = on_lookup,
    .getattr = on_getattr,
    .readlink = on_readlink,
    .open = on_open,
    .read = on_read,
    .lseek = on_lseek,
    .release = on_release,
    .opendir = on_opendir,
    .readdir = on_readdir,
    .readdirplus = on_readdirplus,
    .statfs = on_statfs,
    .listxattr = on_listxattr,
    .getxattr = on_getxattr,
    .access = on_access,
};

// Life

cairn_fuse *cairn_fuse_new(const char *options, const cairn_fuse_calls *calls) {
    fuse_set_log_func(keep_words);
    cairn_fuse *fuse = calloc(1, sizeof *fuse);
    if (!fuse) return NULL;
    fuse->calls = *calls;
    struct fuse_args arguments = FUSE_ARGS_INIT(0, NULL);
    if (!fuse_opt_add_arg(&arguments, "cairn") && !fuse_opt_add_arg(&arguments, "-o") &&
        !fuse_opt_add_arg(&arguments, options)) {
        fuse->session = fuse_session_new(&arguments, &operations, sizeof operations, fuse);
    }
    fuse_opt_free_args(&arguments);
    if (!fuse->session) {
        free(fuse);
        return NULL;
    }
    return fuse;
}

int cairn_fuse_mount(cairn_fuse *fuse, const char *folder) {
    if (fuse_session_mount(fuse->session, folder)) return -1;
    fuse->is_mounted = true;
    return 0;
}

int cairn_fuse_loop(cairn_fuse *fuse) {
    struct fuse_loop_config config = {.clone_fd = 1, .max_idle_threads = 10};
    int result = fuse_session_loop_mt(fuse->session, &config);
    return result < 0 ? -result : result;
}

static int run(char *const arguments[]) {
    pid_t child;
    extern char **environ;
    int error = posix_spawnp(&child, arguments[0], NULL, NULL, arguments, environ);
    if (error) return error;
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return errno;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : EBUSY;
}

int cairn_fuse_unmount(const char *folder, bool detached) {
    if (geteuid() == 0) return umount2(folder, UMOUNT_NOFOLLOW | (detached ? MNT_DETACH : 0)) ? errno : 0;
    char *const plain[] = {"fusermount3", "-u", "-q", "--", (char *)folder, NULL};
    char *const lazy[] = {"fusermount3", "-u", "-q", "-z", "--", (char *)folder, NULL};
    return run(detached ? lazy : plain);
}

void cairn_fuse_free(cairn_fuse *fuse) {
    // Whatever is still mounted goes with its server.
    if (fuse->is_mounted) fuse_session_unmount(fuse->session);
    fuse_session_destroy(fuse->session);
    free(fuse);
}

int cairn_fuse_store(cairn_fuse *fuse, uint64_t node, uint64_t offset, const void *bytes, size_t size) {
    struct fuse_bufvec content = FUSE_BUFVEC_INIT(size);
    content.buf[0].mem = (void *)bytes;
    return -fuse_lowlevel_notify_store(fuse->session, node, (off_t)offset, &content, 0);
}

// Answers

static struct stat stat_of(const cairn_fuse_attributes *attributes) {
    struct stat facts = {0};
    facts.st_ino = attributes->inode;
    facts.st_mode = attributes->mode;
    facts.st_nlink = attributes->links;
    facts.st_uid = attributes->user;
    facts.st_gid = attributes->group;
    facts.st_rdev = makedev(attributes->device_major, attributes->device_minor);
    facts.st_size = (off_t)attributes->size;
    facts.st_blksize = 128 << 10;
    facts.st_blocks = (blkcnt_t)attributes->blocks;
    facts.st_mtim.tv_sec = attributes->seconds;
    facts.st_mtim.tv_nsec = attributes->nanoseconds;
    facts.st_atim = facts.st_mtim;
    facts.st_ctim = facts.st_mtim;
    return facts;
}

static struct fuse_entry_param parameters_of(const cairn_fuse_entry *entry) {
    struct fuse_entry_param parameters = {0};
    parameters.ino = entry->node;
    parameters.attr = stat_of(&entry->attributes);
    parameters.attr_timeout = entry->attributes_timeout;
    parameters.entry_timeout = entry->name_timeout;
    return parameters;
}

// An answer that cannot be given, for the kernel no longer waits, concerns nobody.

void cairn_fuse_answer_error(cairn_fuse_request *request, int error) { fuse_reply_err(real(request), error); }

void cairn_fuse_answer_entry(cairn_fuse_request *request, const cairn_fuse_entry *entry) {
    struct fuse_entry_param parameters = parameters_of(entry);
    fuse_reply_entry(real(request), &parameters);
}

void cairn_fuse_answer_attributes(
    cairn_fuse_request *request, const cairn_fuse_attributes *attributes, double timeout) {
    struct stat facts = stat_of(attributes);
    fuse_reply_attr(real(request), &facts, timeout);
}

void cairn_fuse_answer_link_target(cairn_fuse_request *request, const char *target) {
    fuse_reply_readlink(real(request), target);
}

void cairn_fuse_answer_open(cairn_fuse_request *request, uint64_t handle) {
    struct fuse_file_info file = {0};
    file.fh = handle;
    // Content never changes.
    file.keep_cache = 1;
    file.noflush = 1;
    fuse_reply_open(real(request), &file);
}

void cairn_fuse_answer_bytes(cairn_fuse_request *request, const void *bytes, size_t size) {
    fuse_reply_buf(real(request), bytes, size);
}

void cairn_fuse_answer_offset(cairn_fuse_request *request, uint64_t offset) {
    fuse_reply_lseek(real(request), (off_t)offset);
}

void cairn_fuse_answer_attribute_size(cairn_fuse_request *request, size_t size) {
    fuse_reply_xattr(real(request), size);
}

void cairn_fuse_answer_space(cairn_fuse_request *request, uint64_t blocks, uint64_t files) {
    struct statvfs facts = {0};
    facts.f_bsize = 4096;
    facts.f_frsize = 4096;
    facts.f_blocks = blocks;
    facts.f_files = files;
    facts.f_namemax = 255;
    fuse_reply_statfs(real(request), &facts);
}

size_t cairn_fuse_add(
    cairn_fuse_request *request, char *buffer, size_t room, const char *name, const cairn_fuse_entry *entry,
    uint64_t next, bool with_attributes) {
    struct fuse_entry_param parameters = parameters_of(entry);
    if (with_attributes) return fuse_add_direntry_plus(real(request), buffer, room, name, &parameters, (off_t)next);
    return fuse_add_direntry(real(request), buffer, room, name, &parameters.attr, (off_t)next);
}
