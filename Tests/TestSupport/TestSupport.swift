// TestSupport: what tests of several rooms need. Temporary folders that clean up, seeded data, a repository in one line,
// a proof that a repository is healthy, storages and disks that fail, programs to start and kill, and a watchdog.
//
// Nothing here uses the testing library: what goes wrong is thrown, with its details, and fails the test that called.
