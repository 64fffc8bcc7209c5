/// The text of a small file or pipe; nil if it cannot be read or is longer than `most` bytes.
package func fileText(_ path: String, most: Int) -> String? {
    guard let file = try? FileDescriptor.openForReading(path) else { return nil }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
    defer { room.deallocate() }
    var text: [UInt8] = []
    do throws(FileError) {
        while let count = try file.read(into: room), count > 0 {
            text += room[0..<count]
            guard text.count <= most else { return nil }
        }
    } catch {
        return nil
    }
    return String(decoding: text, as: UTF8.self)
}
