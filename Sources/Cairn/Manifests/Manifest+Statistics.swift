extension Manifest {
    /// What was counted on the way. "New" and so on are in comparison with the base.
    public struct Statistics: Hashable, Sendable {
        /// Files, directories, or all else, in comparison with the base.
        public struct Changes: Hashable, Sendable {
            /// Not in the base.
            public var new: UInt64 = 0
            /// Different in the base.
            public var changed: UInt64 = 0
            /// The same in the base.
            public var unmodified: UInt64 = 0
            /// Only in the base.
            public var removed: UInt64 = 0

            /// Nothing counted yet.
            public init() {}
        }

        /// Regular files.
        public var files = Changes()
        /// Directories.
        public var dirs = Changes()
        /// Links, devices, pipes, sockets.
        public var others = Changes()
        /// New chunks of content.
        public var dataChunks: UInt64 = 0
        /// New chunks of trees.
        public var treeChunks: UInt64 = 0
        /// The plain bytes of new chunks.
        public var dataAdded: UInt64 = 0
        /// The bytes by which the repository has grown.
        public var dataAddedStored: UInt64 = 0
        /// All files of the snapshot.
        public var totalFilesProcessed: UInt64 = 0
        /// All its directories.
        public var totalDirsProcessed: UInt64 = 0
        /// The bytes of all its files.
        public var totalBytesProcessed: UInt64 = 0
        /// How long it took.
        public var durationSeconds = 0.0
        var unknown = UnknownFields()

        /// Nothing counted yet.
        public init() {}
    }
}

extension Manifest.Statistics: Codable {
    /// A number by its name: one for each stored property, so that reading and writing cannot differ.
    private static let counts: [(name: String, property: any WritableKeyPath<Self, UInt64> & Sendable)] = [
        ("files_new", \.files.new), ("files_changed", \.files.changed),
        ("files_unmodified", \.files.unmodified), ("files_removed", \.files.removed),
        ("dirs_new", \.dirs.new), ("dirs_changed", \.dirs.changed),
        ("dirs_unmodified", \.dirs.unmodified), ("dirs_removed", \.dirs.removed),
        ("others_new", \.others.new), ("others_changed", \.others.changed),
        ("others_unmodified", \.others.unmodified), ("others_removed", \.others.removed),
        ("data_chunks", \.dataChunks), ("tree_chunks", \.treeChunks),
        ("data_added", \.dataAdded), ("data_added_stored", \.dataAddedStored),
        ("total_files_processed", \.totalFilesProcessed), ("total_dirs_processed", \.totalDirsProcessed),
        ("total_bytes_processed", \.totalBytesProcessed),
    ]
    private static let duration = JSONKey("duration_seconds")

    /// Reads statistics; a number that is not there is zero.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: JSONKey.self)
        for (name, property) in Self.counts {
            self[keyPath: property] = try fields.decodeIfPresent(UInt64.self, forKey: JSONKey(name)) ?? 0
        }
        durationSeconds = try fields.decodeIfPresent(Double.self, forKey: Self.duration) ?? 0
        unknown = try UnknownFields(decoder, except: Self.counts.map(\.name) + [Self.duration.stringValue])
    }

    /// Writes all numbers.
    public func encode(to encoder: any Encoder) throws {
        try unknown.encode(to: encoder)
        var fields = encoder.container(keyedBy: JSONKey.self)
        for (name, property) in Self.counts { try fields.encode(self[keyPath: property], forKey: JSONKey(name)) }
        // JSON has no other numbers.
        try fields.encode(durationSeconds.isFinite ? durationSeconds : 0, forKey: Self.duration)
    }
}
