// CairnMount: the snapshots of a repository as folders, through FUSE. Floor 3, beside and above Cairn: it reads snapshots and knows no packs.
//
//   Kernel/      the questions of the kernel and their answers: the only files that know libfuse
//   Nodes/       the numbers by which the kernel asks, and what stands behind each
//   Layout/      the folders that no snapshot holds: snapshots/, ids/, hosts/, tags/, changes/, latest
//   Files/       reading: at any place, and ahead
//
// What a node is can be told from its number: folders that were entered have a number of their own, everything else is a place in its folder. So memory
// grows with the folders that were entered, and not with the files that were seen.
