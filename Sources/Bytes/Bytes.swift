// Bytes: reading bytes that may have been written by an enemy, and writing them. Readers check every bound and say at
// which offset something is wrong; they never trap. Integers are little-endian, of fixed width.
