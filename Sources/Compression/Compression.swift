// Compression: whole buffers in, single zstd frames out, and back, each with an optional prefix to copy from.
//
// A `Compressor` and a `Decompressor` each own one context of libzstd and reuse it; each belongs to one thread at a time.
// Frames state their content size, carry neither checksum nor dictionary id (whoever stores them has hashes of its own) and
// can be read by any zstd 1.x (`zstd -d`, with `--patch-from` where there is a prefix).
//
// Pointers that belong to libzstd live in `Compressor.swift` and `Decompressor.swift`, each with one owner.
