import Glibc
import Posix
import Storage
import TestSupport
import Testing

@Suite("Local folders")
struct LocalDirectoryTests {
    @Test("a folder that is not there is refused, with its path")
    func missing() throws {
        let error = #expect(throws: StorageError.self) { try LocalDirectory("/proc/missing/folder") }
        #expect(error?.code == .notFound)
        #expect(error?.path == "/proc/missing/folder")
        let folder = try TemporaryFolder()
        try SmallFile.writeNew(folder.path.appending("file"), [])
        #expect(throws: StorageError.self) { try LocalDirectory(folder.path.appending("file")) }
    }

    @Test("folders are made with those above them, for the owner alone")
    func make() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("a/b/c")
        try LocalDirectory.makeFolder(path)
        try LocalDirectory.makeFolder(path)
        #expect(try Folder.status(path).mode & 0o777 == 0o700)
        let storage = try LocalDirectory(path)
        try storage.put("d/e", "text")
        #expect(try Folder.status(path.appending("d")).mode & 0o777 == 0o700)
        #expect(try Folder.status(path.appending("d/e")).mode & 0o777 == 0o600)
    }

    @Test("names that are not UTF-8, links to nothing and links in circles are passed over in listings")
    func strangers() throws {
        let folder = try TemporaryFolder()
        let storage = try LocalDirectory(folder.path)
        try storage.put("packs/x", "text")
        try SmallFile.writeNew(folder.path.appending("packs").appending(Path([0xFF, 0x78])), [])
        #expect(symlink("nowhere", folder.path.appending("packs/dangling").string) == 0)
        #expect(symlink("circle", folder.path.appending("packs/circle").string) == 0)
        #expect(mkfifo(folder.path.appending("packs/pipe").string, 0o600) == 0)
        #expect(try storage.names("packs", recursive: true) == ["packs/x"])
        #expect(try storage.oddNames(in: "packs").sorted() == ["packs/circle", "packs/dangling", "packs/pipe"])
        #expect(try storage.oddNames(in: "nowhere") == [])
    }

    @Test("what is no file is not read, and is called what it is")
    func noFile() throws {
        let folder = try TemporaryFolder()
        let storage = try LocalDirectory(folder.path)
        try storage.put("packs/x", "text")
        #expect(symlink("nowhere", folder.path.appending("dangling").string) == 0)
        #expect(mkfifo(folder.path.appending("pipe").string, 0o600) == 0)
        for (name, word) in [("packs", "folder"), ("dangling", "link"), ("pipe", "pipe")] {
            let error = #expect(throws: StorageError.self) { try storage.read(name, limit: 9) }
            #expect(
                error?.code == .notAFile && error?.reason.contains(word) == true && error?.path.hasSuffix(name) == true)
        }
        #expect(#expect(throws: StorageError.self) { try storage.read("nobody", limit: 9) }?.code == .notFound)
    }

    @Test("folders and files that are links are followed")
    func links() throws {
        let folder = try TemporaryFolder()
        let elsewhere = try TemporaryFolder()
        let storage = try LocalDirectory(folder.path)
        #expect(symlink(elsewhere.path.string, folder.path.appending("packs").string) == 0)
        try storage.put("packs/d/x", "text")
        #expect(try SmallFile.read(elsewhere.path.appending("d/x"), limit: 9) == Array("text".utf8))
        #expect(try storage.names("packs", recursive: true) == ["packs/d/x"])
    }

    @Test(
        "steps that fail are reported as what they are",
        arguments: [
            (Errno.noSpace, StorageError.Code.full), (.quotaExceeded, .full), (.readOnlyFileSystem, .readOnly),
            (.permissionDenied, .denied), (.notPermitted, .denied), (.inputOutput, .failed),
            (.tooManyOpenFiles, .failed),
        ])
    func codes(_ errno: Errno, _ expected: StorageError.Code) throws {
        let folder = try TemporaryFolder()
        let fault = StepFault(at: 1, errno, .onward)
        let storage = try LocalDirectory(folder.path, interceptor: fault.interceptor)
        let error = #expect(throws: StorageError.self) { try storage.append([1], to: "x") }
        #expect(error?.code == expected)
        #expect(error?.path == "\(folder.path)/x")
        #expect(error?.reason.contains("\(errno)") == true)
        #expect((error?.remedy != nil) == (expected != .failed))
    }

    @Test("a failed publication leaves neither name nor temporary file, wherever it failed", arguments: [true, false])
    func failedPublication(isReplacing: Bool) throws {
        for number in 1... {
            let folder = try TemporaryFolder()
            let fault = StepFault(at: number, .inputOutput, .once)
            let storage = try LocalDirectory(folder.path, interceptor: fault.interceptor)
            do {
                let upload = try storage.upload("tmp/1")
                defer { upload.discard() }
                try upload.append([1, 2, 3])
                if isReplacing { try upload.publish(replacing: "a/b/x") } else { try upload.publish(as: "a/b/x") }
                if fault.failed == nil { return }
            } catch {}
            #expect(try storage.names("tmp", recursive: true) == [])
            // Behind the rename the name may stand, but then its content is whole.
            if try storage.exists("a/b/x") { #expect(try storage.read("a/b/x", limit: 3) == [1, 2, 3]) }
            // And the same again works.
            let upload = try storage.upload("tmp/1")
            try upload.append([4])
            try upload.publish(replacing: "a/b/x")
            #expect(try storage.read("a/b/x", limit: 1) == [4])
        }
    }

    @Test("whoever finds a folder made durable is right, also when the one who made it could not")
    func folderDurability() throws {
        let folder = try TemporaryFolder()
        // The second step makes the folder's name durable; the first maker dies there.
        let fault = StepFault(at: 2, .inputOutput, .onward)
        let dying = try LocalDirectory(folder.path, interceptor: fault.interceptor)
        #expect(throws: StorageError.self) { try dying.append([1], to: "manifests/x") }
        #expect(try Folder.status(folder.path.appending("manifests")).isFolder)
        let recorder = StepRecorder()
        let next = try LocalDirectory(folder.path, interceptor: recorder.interceptor)
        try next.append([1], to: "manifests/y")
        let isMadeDurable = recorder.events.contains { event in
            guard case .step(.synchronizeFolder("")) = event else { return false }
            return true
        }
        #expect(isMadeDurable)
    }

    @Test("every step of every change is announced before it is done, in an order that a disk can follow")
    func honestSteps() throws {
        let folder = try TemporaryFolder()
        let recorder = StepRecorder()
        let storage = try LocalDirectory(folder.path, interceptor: recorder.interceptor)
        try storage.put("a/b/x", "text")
        try storage.append([1], to: "leases/c")
        try storage.append([2], to: "leases/c")
        try storage.lock("tmp/l", create: true)?.release()
        try storage.rename("tmp/l", to: "leases/l")
        try storage.lock("leases/l", create: true)?.release()
        try storage.remove("leases/l")
        let upload = try storage.upload("tmp/2")
        try upload.append([9])
        try upload.publish(replacing: "a/b/x")
        let discarded = try storage.upload("tmp/3")
        try discarded.append([9])
        discarded.discard()
        let remains = try DiskModel(recorder.events).remains(.nothing)
        #expect(remains.files == ["a/b/x": [9], "leases/c": [1, 2]])
        #expect(try storage.names("", recursive: true) == remains.files.keys.sorted())
        // What `publish` and `append` promised holds after a power cut too.
        let durable = try DiskModel(recorder.events).remains(.all)
        #expect(durable.files["a/b/x"] == [9])
        #expect(durable.files["leases/c"] == [1, 2])
    }
}
