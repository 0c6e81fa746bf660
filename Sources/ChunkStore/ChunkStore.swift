// ChunkStore: chunks in, chunks out. Bytes get a name that is their SHA-256, are stored once however often they are put,
// compressed and sealed together in blocks, kept in packs, and found through a catalog that can be made again at any
// time. Roots, with names, say what is to be kept. It does not know what a file is.
//
//   Store.swift     opening and making a store; the public face
//   Format/         the bytes of FORMAT.md: headers, records, directories; no input or output
//   Keys/           from a password or key file to the master key
//   Packs/          writing and reading packs
//   Catalog/        where each chunk lies: SQLite, beside the store, disposable
//   Writing/        sessions: put, order, compress, publish
//   Deltas/         what was changed, as differences from what is stored
//   Reading/        chunks by id, through a cache of blocks
//   Roots/          what must be kept
//   Collecting/     giving back what no root needs, beside whoever is at work
//   Checking/       whether all of it is whole
//   Repairing/      making it whole again, as far as good copies are to be had
//   Leases/         the claims of running operations, and sweeping after dead ones
//   Pipeline/       bounded stages between threads
