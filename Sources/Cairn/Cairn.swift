// Cairn: snapshots of file trees on top of a store of chunks. It knows files, directories and snapshots; it does not know packs.
//
//   Trees/     directories as they are stored (FORMAT.md, section 12), and the digests that prove them (section 13)
//   Comparing/ what differs between two trees, or between a tree and a live folder
//   Exporting/ parts of snapshots as tar and zip
//   Finding/   entries in many snapshots at once
//   Statistics/ how much snapshots hold, alone and together
//   Manifests/ what a snapshot's record says (section 14), listing, choosing and retagging snapshots, times as people name them
//   Selecting/ which paths a snapshot takes, a restore restores and `find` shows: patterns, .gitignore, marks
