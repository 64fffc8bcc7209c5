/// The checksum of a checkpoint, a member of its text. It detects damage that leaves the text valid, such as a changed
/// digit: positions or a watermark that are wrong would give wrong rows without any error.
///
/// It is the sum of the mixed FNV-1a hashes of all other members. A database returns members in another order, and the
/// parts of a checkpoint of topics are stored separately: neither changes the sum. Texts of earlier versions have no
/// checksum.
struct CheckpointChecksum {
    static let name = "checksum"

    private var sum: UInt64 = 0
    private var stored: ControlJSON?

    /// The member that completes these members.
    static func member(completing members: [ControlJSON.Member]) -> ControlJSON.Member {
        var checksum = CheckpointChecksum()
        checksum.add(members)
        return .init(name, .integer(Int64(bitPattern: checksum.sum)))
    }

    mutating func add(_ members: [ControlJSON.Member]) {
        var buffer = ByteBuffer()
        for member in members {
            if member.name == Self.name, stored == nil {
                stored = member.value
                continue
            }
            buffer.removeAll()
            buffer.append(quotedName: member.name)
            buffer.append(UInt8(ascii: ":"))
            buffer.append(member.value)
            var hash = FNV1a()
            buffer.withBytes { hash.add($0) }
            // FNV-1a alone does not spread the last byte: two exchanged digits would leave the sum as it was.
            sum &+= SplitMix64.mixed(hash.value)
        }
    }

    /// - Parameter hasUnknown: whether there are members that this version does not know. Without a checksum, one of
    ///   them may be the checksum with a damaged name: earlier versions wrote only members that are still known.
    /// - Throws: `checksum` if the members are not those that were written.
    func check(hasUnknown: Bool) throws(CheckpointTextError) {
        guard let stored else {
            if hasUnknown { throw .checksum }
            return
        }
        guard stored == .integer(Int64(bitPattern: sum)) else { throw .checksum }
    }
}
