// Cairn: snapshots of file trees on top of a store of chunks. It knows files, directories and snapshots; it does not know packs.
//
//   Snapshots/  taking one: from a request to a manifest
//   Scanning/   the walk over the sources: what is unchanged, what must be read, and directories as they become complete
//   Journal/    what is remembered of a source between its snapshots, beside the repository
//   Selecting/  which paths a snapshot takes, a restore restores and `find` shows: patterns, .gitignore, marks
//   Trees/      directories as they are stored (FORMAT.md, section 12), and the digests that prove them (section 13)
//   Manifests/  what a snapshot's record says (section 14); listing, choosing and retagging snapshots; times as people name them
//   Retention/  which snapshots a policy keeps, and why; forgetting the others, and bringing them back
//   Restoring/  bringing a snapshot, or a part of one, back
//   Reaching/   the walk from a snapshot to every chunk that it needs
//   Repairing/  bringing back what is lost, from copies and live files; naming what stays lost
//   Checking/   whether snapshots are whole and prove what their manifests say
//   Comparing/  what differs between two trees, or between a tree and a folder
//   Finding/    searching across snapshots
//   Pruning/    what snapshots need, told to the store that gives the rest back
//   Statistics/ what snapshots hold, alone and together
//   Exporting/  parts of snapshots as tar and zip
//   Operations/ what all of these share: progress, cancellation, items that failed
