internal import Storage

extension Store {
    /// Gives back the space of what no root needs. Others may read, write and forget meanwhile; only one prune runs at a time, and a second one
    /// throws `.busy`.
    ///
    /// `reach` is called with every root, and tells the marks of every chunk that it needs: what it refers to, and what the chunks of trees
    /// name in their turn. What it cannot read it must throw, and then nothing is deleted: nobody could tell what is needed.
    ///
    /// Whatever ends a prune early, nothing that a root needs is lost, and the next one goes on where this one was.
    public func prune(
        _ request: PruneRequest = PruneRequest(), progress: @escaping (PruneProgress) -> Void = { _ in },
        isCancelled: @escaping () -> Bool = { false },
        reach: @escaping (Root, Marks) throws(StoreError) -> Void
    ) throws(StoreError) -> PruneOutcome {
        let catalog = try catalog()
        if request.isRehearsal {
            return try rehearse(request, catalog, progress: progress, isCancelled: isCancelled, reach: reach)
        }
        let lease = try Lease(for: "prune", in: repository.storage)
        defer { lease.release() }
        let lock = try CondemnedPacks.lock(repository.storage, by: lease)
        defer { lock.release() }
        Sweeper(storage: repository.storage, own: lease).sweep()
        return try Prune(
            repository, catalog: catalog, lease: lease, budget: budget, level: compression, request: request,
            progress: progress, isCancelled: isCancelled, reach: reach
        ).run()
    }
    /// Rehearses a prune. A lease keeps what it looks at; where none can be written, somebody else's prune may take things away meanwhile, and what
    /// nobody needs any more then is not missed: it looks once more.
    private func rehearse(
        _ request: PruneRequest, _ catalog: Catalog, progress: @escaping (PruneProgress) -> Void,
        isCancelled: @escaping () -> Bool, reach: @escaping (Root, Marks) throws(StoreError) -> Void
    ) throws(StoreError) -> PruneOutcome {
        let lease = try? Lease(for: "prune --dry-run", in: repository.storage)
        defer { lease?.release() }
        var tries = 1
        while true {
            let (standing, forgotten) = try rootNames()
            do throws(StoreError) {
                return try Prune(
                    repository, catalog: catalog, lease: nil, budget: budget, level: compression, request: request,
                    progress: progress, isCancelled: isCancelled, reach: reach
                ).run()
            } catch {
                guard tries < Self.rehearsalsMax, !isCancelled(), try rootNames() != (standing, forgotten) else {
                    throw error
                }
                tries += 1
            }
        }
    }

    private static let rehearsalsMax = 5

    /// Which manifests stand, and which were forgotten.
    private func rootNames() throws(StoreError) -> (Set<String>, Set<ForgottenRoots.Name>) {
        (Set(try Roots(repository).ids()), Set(try ForgottenRoots(repository).names()))
    }
}
