#include "CSHA256.h"

bool cairn_sha256_is_quick(void) {
#if defined(__OPTIMIZE__)
    return true;
#else
    return false;
#endif
}

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

// FIPS 180-4, 4.2.2.
static const uint32_t constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

bool cairn_sha256_is_available(void) {
    unsigned int a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

#define WITH_INSTRUCTIONS __attribute__((target("sha,sse4.1,ssse3")))

/// A message on its way: the state in the order that the instructions want it in, and the last 16 words of the schedule.
typedef struct {
    __m128i abef, cdgh;
    __m128i words[4];
    const uint8_t *next;
} lane;

static inline WITH_INSTRUCTIONS __attribute__((always_inline)) lane opened(const uint32_t *state, const uint8_t *bytes) {
    __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
    __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);
    lane it;
    it.abef = _mm_alignr_epi8(badc, hgfe, 8);
    it.cdgh = _mm_blend_epi16(hgfe, badc, 0xF0);
    it.next = bytes;
    return it;
}

static inline WITH_INSTRUCTIONS __attribute__((always_inline)) void close_into(uint32_t *state, const lane *it) {
    __m128i feba = _mm_shuffle_epi32(it->abef, 0x1B);
    __m128i dchg = _mm_shuffle_epi32(it->cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/// Four of the sixteen times four rounds of a block: the words of the schedule first, then the rounds.
static inline WITH_INSTRUCTIONS __attribute__((always_inline)) void four_rounds(lane *it, int step) {
    __m128i *words = it->words;
    __m128i now;
    if (step < 4) {
        const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
        now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(it->next + 16 * step)), big_endian);
    } else {
        now = _mm_sha256msg1_epu32(words[step & 3], words[(step + 1) & 3]);
        now = _mm_add_epi32(now, _mm_alignr_epi8(words[(step + 3) & 3], words[(step + 2) & 3], 4));
        now = _mm_sha256msg2_epu32(now, words[(step + 3) & 3]);
    }
    words[step & 3] = now;
    now = _mm_add_epi32(now, _mm_load_si128((const __m128i *)(constants + 4 * step)));
    it->cdgh = _mm_sha256rnds2_epu32(it->cdgh, it->abef, now);
    it->abef = _mm_sha256rnds2_epu32(it->abef, it->cdgh, _mm_shuffle_epi32(now, 0x0E));
}

static inline WITH_INSTRUCTIONS __attribute__((always_inline)) void compress(lane *lanes, int count, size_t blocks) {
    while (blocks--) {
        __m128i abef[2], cdgh[2];
        for (int i = 0; i < count; i++) {
            abef[i] = lanes[i].abef;
            cdgh[i] = lanes[i].cdgh;
        }
#pragma clang loop unroll(full)
        for (int step = 0; step < 16; step++) {
            four_rounds(&lanes[0], step);
            if (count == 2) four_rounds(&lanes[1], step);
        }
        for (int i = 0; i < count; i++) {
            lanes[i].abef = _mm_add_epi32(lanes[i].abef, abef[i]);
            lanes[i].cdgh = _mm_add_epi32(lanes[i].cdgh, cdgh[i]);
            lanes[i].next += 64;
        }
    }
}

WITH_INSTRUCTIONS void cairn_sha256_one(uint32_t *state, const uint8_t *bytes, size_t blocks) {
    lane lanes[1] = {opened(state, bytes)};
    compress(lanes, 1, blocks);
    close_into(state, &lanes[0]);
}

WITH_INSTRUCTIONS void cairn_sha256_two(
    uint32_t *state0, const uint8_t *bytes0, uint32_t *state1, const uint8_t *bytes1, size_t blocks) {
    lane lanes[2] = {opened(state0, bytes0), opened(state1, bytes1)};
    compress(lanes, 2, blocks);
    close_into(state0, &lanes[0]);
    close_into(state1, &lanes[1]);
}

#else

#include <stdlib.h>

bool cairn_sha256_is_available(void) { return false; }

void cairn_sha256_one(uint32_t *state, const uint8_t *bytes, size_t blocks) { abort(); }

void cairn_sha256_two(
    uint32_t *state0, const uint8_t *bytes0, uint32_t *state1, const uint8_t *bytes1, size_t blocks) {
    abort();
}

#endif
