// SHA-256's compression of one or two messages at once with the processor's own instructions.
//
// A round waits for the one before, so that one message leaves the unit that computes rounds idle half of the time; a second message fills the
// gaps. libcrypto has the instructions, and no call for two messages.

#ifndef CAIRN_SHA256_H
#define CAIRN_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor has the instructions. Without them the functions below must not be called.
bool cairn_sha256_is_available(void);

/// Whether the functions below were compiled to be quick; they are not in a debug build.
bool cairn_sha256_is_quick(void);

/// Takes so many blocks of 64 bytes into a state of eight words.
void cairn_sha256_one(uint32_t *state, const uint8_t *bytes, size_t blocks);

/// The same for two messages that have nothing to do with each other.
void cairn_sha256_two(
    uint32_t *state0, const uint8_t *bytes0, uint32_t *state1, const uint8_t *bytes1, size_t blocks);

#endif
