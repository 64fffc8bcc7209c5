/// Text for commands that users paste into a shell.
package enum Shell {
    /// The word itself if it is harmless, else in single quotes.
    package static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: ","):
                true
            default: false
            }
        }
        if isPlain, !word.isEmpty, !word.hasPrefix("-") { return word }
        return "'" + word.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
    }

    /// The pipe in which a command reads an input in the place of streamctl.
    ///
    /// - Parameters:
    ///   - name: the input, as messages call it: a path, or `stdin`.
    ///   - options: those that read what the command writes.
    package static func pipe(_ command: String, reading name: String, with options: String = "") -> String {
        let options = options.isEmpty ? "" : options + " "
        // In a pipe, an input is live unless --watermark says otherwise.
        return name == "stdin"
            ? "… | \(command) | streamctl \(options)…" : "\(command) \(quoted(name)) | streamctl -W none \(options)…"
    }
}
