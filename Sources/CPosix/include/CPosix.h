// The door to the C library's calls that Swift cannot import by itself: variadic ones, and those behind _GNU_SOURCE.
//
// Only plain types, and no header of the system: what such a header declares would belong to this module as well as to Glibc.
#ifndef CAIRN_CPOSIX_H
#define CAIRN_CPOSIX_H

#include <stddef.h>
#include <stdint.h>

/// open(2) with a mode, relative to a folder descriptor; always close-on-exec.
int cairn_openat(int folder, const char *path, int flags, unsigned int mode);

/// renameat2(2) with RENAME_NOREPLACE.
int cairn_rename_new(int folder, const char *from, int folder_to, const char *to);

/// Asks the kernel to begin writing a stretch back, without waiting for it; sync_file_range(2).
int cairn_start_writeback(int descriptor, long offset, long length);

/// The kind of file system by statfs(2)'s magic number; -1 on failure.
int64_t cairn_file_system_magic(int descriptor);

/// How many processors this process may use; sched_getaffinity(2).
int cairn_processor_count(void);

/// Names the calling thread, in 15 bytes at most; pthread_setname_np(3).
void cairn_name_thread(const char *name);

/// Lets the heap take large blocks from the kernel and give them back when they are freed; mallopt(3).
void cairn_heap_returns_memory(void);

/// Fills a buffer with directory records; getdents64(2).
long cairn_getdents(int folder, void *buffer, size_t size);

/// Makes a stretch a hole; fallocate(2).
int cairn_punch_hole(int descriptor, long offset, long length);

/// lseek(2) with SEEK_DATA and SEEK_HOLE.
long cairn_seek_data(int descriptor, long offset);
long cairn_seek_hole(int descriptor, long offset);

/// The extended attributes of an open file, and of a name itself, even if that is a link; flistxattr(2) and its kin.
long cairn_flistxattr(int descriptor, char *list, size_t size);
long cairn_fgetxattr(int descriptor, const char *name, void *value, size_t size);
int cairn_fsetxattr(int descriptor, const char *name, const void *value, size_t size);
int cairn_fremovexattr(int descriptor, const char *name);
long cairn_llistxattr(const char *path, char *list, size_t size);
long cairn_lgetxattr(const char *path, const char *name, void *value, size_t size);
int cairn_lsetxattr(const char *path, const char *name, const void *value, size_t size);
int cairn_lremovexattr(const char *path, const char *name);

/// O_NOATIME, O_PATH and UTIME_OMIT.
int cairn_o_noatime(void);
int cairn_o_path(void);
long cairn_utime_omit(void);

/// Makes everything durable that was written to a file system; syncfs(2).
int cairn_synchronize_file_system(int descriptor);

/// O_TMPFILE.
int cairn_o_tmpfile(void);

#endif
