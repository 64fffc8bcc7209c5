/// Literals of Python, for the jobs that are Python files.
enum PythonText {
    /// A string literal in double quotes, on one line.
    static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                let code = scalar.value
                // Controls, and what would turn the direction of the text around.
                if code < 0x20 || (0x7f..<0xa0).contains(code) || (0x200b...0x206f).contains(code) || code == 0xfeff {
                    result += "\\u" + hexadecimal(code)
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }

    static func string(_ bytes: [UInt8]) -> String { string(String(decoding: bytes, as: UTF8.self)) }

    private static func hexadecimal(_ code: UInt32) -> String {
        let digits = String(code, radix: 16)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// A number as Python reads it.
    static func number(_ value: Double) -> String {
        if value.isInfinite { return "float(\"\(value < 0 ? "-" : "")inf\")" }
        return value.isNaN ? "float(\"nan\")" : "\(value)"
    }
}
