import StreamEngine
@testable import Plan
@testable import Postgres
@testable import StreamEngine

/// A URL that is read is the same again when it is written from its parts; a password never reaches a message.
func checkURLs(_ bytes: UnsafeRawBufferPointer) {
    var input = Input(bytes)
    let kind = input.below(3)
    let text = input.restText()
    switch kind {
    case 0: checkTopics(text.hasPrefix("kafka://") ? text : "kafka://" + text)
    case 1: checkDemo(text.hasPrefix("demo:") ? text : "demo:sensors?" + text)
    default: checkDatabase(text)
    }
}

private func checkTopics(_ url: String) {
    guard let address = try? KafkaURL(url) else { return }
    var options: [String] = []
    switch address.start {
    case .beginning: options.append("start=beginning")
    case .end: options.append("start=end")
    case .stored: options.append("start=stored")
    case .time(let time): options.append("start=\(written(time))")
    case .ago(let length): options.append("start=-\(length)us")
    case nil: break
    }
    switch address.until {
    case .end: options.append("until=end")
    case .time(let time): options.append("until=\(written(time))")
    case nil: break
    }
    if !address.partitions.isEmpty {
        options.append(
            "partitions=" + address.partitions.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ","))
    }
    if let group = address.group { options.append("group=\(group)") }
    let text = address.name + (options.isEmpty ? "" : "?" + options.joined(separator: "&"))
    do throws(UsageError) {
        let again = try KafkaURL(text)
        let isSame =
            again.name == address.name && again.start == address.start && again.until == address.until
            && again.partitions == address.partitions && again.group == address.group
        expect(isSame, "\(url) is written \(text)")
    } catch {
        fail("\(url) is written \(text): \(error)")
    }
}

/// `@TIME`: whole seconds as a number where it is read as seconds, which larger numbers are not.
private func written(_ time: Int64) -> String {
    let seconds = time / 1_000_000
    if time % 1_000_000 == 0, seconds.magnitude < 100_000_000_000 { return "@\(seconds)" }
    var buffer = ByteBuffer()
    buffer.append(UInt8(ascii: "@"))
    buffer.append(time: time)
    return buffer.text
}

private func checkDemo(_ url: String) {
    guard let options = try? DemoURL(url).options else { return }
    var text = "demo:sensors?records=\(options.records)&keys=\(options.keys)&seed=\(options.seed)"
    text += "&disorder=\(options.disorder)us"
    if let rate = options.rate { text += "&rate=\(rate)" }
    guard let again = try? DemoURL(text).options else { fail("\(url) is written \(text), which is refused") }
    expect(again == options, "\(url) is written \(text)")
}

private func checkDatabase(_ text: String) {
    let url = text.hasPrefix("postgres") ? text : "postgresql://" + text
    if let destination = try? PostgresDestination(url: url) {
        // By bytes: as characters the last slash and a combining mark after it are one.
        expect(destination.name.utf8.starts(with: "postgresql://".utf8), "\(url) is called \(destination.name)")
    }
    let password = "b7s3cr3t"
    do throws(RunError) {
        _ = try PostgresDestination(url: "postgresql://user:\(password)@\(text)")
        fail("a password is accepted before \(text)")
    } catch {
        expect(!"\(error)".contains(password), "a message shows the password: \(error)")
    }
}
