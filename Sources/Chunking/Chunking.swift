// Chunking: where a stream of bytes is cut, so that equal content is cut equally wherever it stands.
//
//   GearTable   256 secret values, from which the rolling hash is made
//   Profile     how long chunks may be, by their offset in the stream
//   Chunker     is shown a stream piece by piece and says where each chunk ends
//   GearScan    the hash itself, several positions at a time: the only unsafe file of this room
//
// The rule, for the byte with index i of a stream b, in 64-bit arithmetic that wraps:
//
//   h(i) = 2 * h(i - 1) + T[b(i)]                      so only the bytes i - 63 ... i count
//
// A chunk that starts at s belongs to the last tier whose `fromOffset` is at most s. It ends with the byte i, its length
// being L = i - s + 1, at the first i where
//
//   L >= minBytes  and h(i) has at least Z leading zero bits, Z = hardBits while L < normalBytes, easyBits from there on
//   or L == maxBytes, or the stream ends.
//
// No chunk but the last is shorter than 64 bytes, so all that decides about its end lies inside the chunk.
