// The door to libfuse's low-level interface, for a file system that is only read.
//
// Only plain types, and no header of the system: what such a header declares would belong to this module as well as to Glibc.
#ifndef CAIRN_CFUSE_H
#define CAIRN_CFUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A mounted file system, or one to be.
typedef struct cairn_fuse cairn_fuse;

/// A question of the kernel that waits for its answer. Each must be answered exactly once.
typedef struct cairn_fuse_request cairn_fuse_request;

/// What stat(2) tells of a node.
typedef struct {
    uint64_t inode;
    uint64_t size;
    /// In units of 512 bytes.
    uint64_t blocks;
    int64_t seconds;
    uint32_t nanoseconds;
    uint32_t mode;
    uint32_t links;
    uint32_t user;
    uint32_t group;
    uint32_t device_major;
    uint32_t device_minor;
} cairn_fuse_attributes;

/// What a name leads to.
typedef struct {
    /// By which the kernel asks from now on; zero says that the name is not there.
    uint64_t node;
    cairn_fuse_attributes attributes;
    /// For how many seconds the kernel need not ask again, for the name and for the attributes.
    double name_timeout;
    double attributes_timeout;
} cairn_fuse_entry;

/// Answers the kernel's questions. Called on several threads at once, each with `context` first.
typedef struct {
    void *context;
    void (*lookup)(void *context, cairn_fuse_request *request, uint64_t parent, const char *name);
    void (*attributes)(void *context, cairn_fuse_request *request, uint64_t node);
    void (*link_target)(void *context, cairn_fuse_request *request, uint64_t node);
    void (*open)(void *context, cairn_fuse_request *request, uint64_t node);
    void (*read)(void *context, cairn_fuse_request *request, uint64_t node, uint64_t handle, uint64_t offset, size_t size);
    void (*seek)(void *context, cairn_fuse_request *request, uint64_t node, uint64_t handle, uint64_t offset, bool to_hole);
    void (*close)(void *context, cairn_fuse_request *request, uint64_t handle);
    /// Of a folder, from the entry on that `offset` stands for; with the attributes of each where `with_attributes`.
    void (*list)(void *context, cairn_fuse_request *request, uint64_t node, uint64_t offset, size_t size, bool with_attributes);
    void (*space)(void *context, cairn_fuse_request *request);
    void (*attribute_names)(void *context, cairn_fuse_request *request, uint64_t node, size_t size);
    void (*attribute)(void *context, cairn_fuse_request *request, uint64_t node, const char *name, size_t size);
} cairn_fuse_calls;

/// A file system that these calls make. `options` are those of mount(8), with commas. Null where there is no memory or an option is unknown.
cairn_fuse *cairn_fuse_new(const char *options, const cairn_fuse_calls *calls);
/// Mounts it; zero, or -1.
int cairn_fuse_mount(cairn_fuse *fuse, const char *folder);
/// Answers questions until the file system is unmounted. Zero, or an error number.
int cairn_fuse_loop(cairn_fuse *fuse);
/// Takes what is mounted off its folder: at once, or, `detached`, as soon as nobody uses it any more, though nobody finds it there from now on.
/// Zero, or an error number: EBUSY where it is in use.
int cairn_fuse_unmount(const char *folder, bool detached);
/// Frees everything.
void cairn_fuse_free(cairn_fuse *fuse);

/// What libfuse said last, for a message; empty where it said nothing.
const char *cairn_fuse_last_words(void);

/// Hands content of a file to the kernel before it asks. Must not be called while that content is being asked for on the same thread.
int cairn_fuse_store(cairn_fuse *fuse, uint64_t node, uint64_t offset, const void *bytes, size_t size);

void cairn_fuse_answer_error(cairn_fuse_request *request, int error);
void cairn_fuse_answer_entry(cairn_fuse_request *request, const cairn_fuse_entry *entry);
void cairn_fuse_answer_attributes(cairn_fuse_request *request, const cairn_fuse_attributes *attributes, double timeout);
void cairn_fuse_answer_link_target(cairn_fuse_request *request, const char *target);
void cairn_fuse_answer_open(cairn_fuse_request *request, uint64_t handle);
void cairn_fuse_answer_bytes(cairn_fuse_request *request, const void *bytes, size_t size);
void cairn_fuse_answer_offset(cairn_fuse_request *request, uint64_t offset);
void cairn_fuse_answer_attribute_size(cairn_fuse_request *request, size_t size);
/// So many blocks of 4 KiB, none of them free.
void cairn_fuse_answer_space(cairn_fuse_request *request, uint64_t blocks, uint64_t files);

/// Adds an entry to a listing's buffer. `next` is the offset of the entry behind it. Returns how many bytes it takes: nothing is written where that
/// is more than `room`.
size_t cairn_fuse_add(
    cairn_fuse_request *request, char *buffer, size_t room, const char *name, const cairn_fuse_entry *entry,
    uint64_t next, bool with_attributes);

#endif
