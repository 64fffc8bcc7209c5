/// The text of a small file or pipe; nil if it cannot be read or is longer than `most` bytes.
package func fileText(_ path: String, most: Int) -> String? {
    fileBytes(path, most: most).map { String(decoding: $0, as: UTF8.self) }
}

/// The bytes of a small file or pipe; nil if it cannot be read or is longer than `most` bytes.
func fileBytes(_ path: String, most: Int) -> [UInt8]? {
    guard let file = try? FileDescriptor.openForReading(path) else { return nil }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
    defer { room.deallocate() }
    var bytes: [UInt8] = []
    do throws(FileError) {
        while let count = try file.read(into: room), count > 0 {
            bytes += room[0..<count]
            guard bytes.count <= most else { return nil }
        }
    } catch {
        return nil
    }
    return bytes
}
