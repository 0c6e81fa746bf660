#define _GNU_SOURCE
#include "CPosix.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <dirent.h>

int cairn_openat(int folder, const char *path, int flags, unsigned int mode) {
    return openat(folder, path, flags | O_CLOEXEC, mode);
}

int cairn_rename_new(int folder, const char *from, int folder_to, const char *to) {
    return renameat2(folder, from, folder_to, to, RENAME_NOREPLACE);
}

int cairn_start_writeback(int descriptor, long offset, long length) {
    return sync_file_range(descriptor, offset, length, SYNC_FILE_RANGE_WRITE);
}

int64_t cairn_file_system_magic(int descriptor) {
    struct statfs facts;
    if (fstatfs(descriptor, &facts) != 0) return -1;
    return (int64_t)facts.f_type;
}

int cairn_processor_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return CPU_COUNT(&set);
}

void cairn_name_thread(const char *name) {
    char short_name[16];
    strncpy(short_name, name, sizeof short_name - 1);
    short_name[sizeof short_name - 1] = 0;
    pthread_setname_np(pthread_self(), short_name);
}

void cairn_heap_returns_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 256 << 10);
    mallopt(M_TRIM_THRESHOLD, 2 << 20);
}

long cairn_getdents(int folder, void *buffer, size_t size) { return getdents64(folder, buffer, size); }

int cairn_punch_hole(int descriptor, long offset, long length) {
    return fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}

long cairn_seek_data(int descriptor, long offset) { return lseek(descriptor, offset, SEEK_DATA); }

long cairn_seek_hole(int descriptor, long offset) { return lseek(descriptor, offset, SEEK_HOLE); }

int cairn_o_noatime(void) { return O_NOATIME; }

int cairn_o_path(void) { return O_PATH; }

long cairn_utime_omit(void) { return UTIME_OMIT; }

int cairn_synchronize_file_system(int descriptor) { return syncfs(descriptor); }

int cairn_o_tmpfile(void) { return O_TMPFILE; }

long cairn_flistxattr(int descriptor, char *list, size_t size) { return flistxattr(descriptor, list, size); }

long cairn_fgetxattr(int descriptor, const char *name, void *value, size_t size) {
    return fgetxattr(descriptor, name, value, size);
}

int cairn_fsetxattr(int descriptor, const char *name, const void *value, size_t size) {
    return fsetxattr(descriptor, name, value, size, 0);
}

int cairn_fremovexattr(int descriptor, const char *name) { return fremovexattr(descriptor, name); }

long cairn_llistxattr(const char *path, char *list, size_t size) { return llistxattr(path, list, size); }

long cairn_lgetxattr(const char *path, const char *name, void *value, size_t size) {
    return lgetxattr(path, name, value, size);
}

int cairn_lsetxattr(const char *path, const char *name, const void *value, size_t size) {
    return lsetxattr(path, name, value, size, 0);
}

int cairn_lremovexattr(const char *path, const char *name) { return lremovexattr(path, name); }
