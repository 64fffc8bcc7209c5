import StreamEngine
import System

/// What a schema means for the bytes behind the header of a message.
enum MessageSchema {
    case avro(AvroSchema)
    /// The bytes are JSON text.
    case json
    /// Messages with it are rejected.
    case refused(String)
}

/// The schemas of a registry. Asks once for each number.
///
/// Used by one thread at a time.
final class SchemaRegistry {
    private let options: RegistryOptions
    private let interrupt: Interrupt
    private var client: RegistryClient?
    private var known: [UInt32: MessageSchema] = [:]
    /// Numbers that the registry did not know, and when it was asked (steady clock).
    private var unknown: [UInt32: Int64] = [:]
    /// The texts of schemas that others refer to, by their paths.
    private var references: [String: Parsed] = [:]
    /// The URL that has answered last.
    private var preferred = 0
    private var hasAnswered = false
    /// The number whose schema is being asked for, and what the registry has said about it so far.
    private var asked: UInt32?
    private var root: Parsed?
    /// How many URLs have failed to answer the request in progress, and why the last one did.
    private var failures = (count: 0, reason: "")
    /// Since when there has been no answer (steady clock); nil if nothing was asked since the last one.
    private var unansweredSince: Int64?
    private var nextTry: Int64 = 0
    private var outage = Outage()
    private let warn: (String) -> Void

    /// Microseconds.
    private static let patience: Int64 = 10_000_000
    private static let retryInterval: Int64 = 1_000_000
    /// A registry may learn of a schema later than its readers. Microseconds.
    private static let unknownInterval: Int64 = 30_000_000
    private static let unknownLimit = 10_000
    /// How long a call waits for an answer. Most come sooner. Microseconds.
    private static let wait: Int64 = 20_000
    private static let referenceLimit = 1000

    private struct Parsed {
        var text: String
        var references: [Reference]
        var type: String
    }

    private struct Reference {
        var subject: String
        var version: Int64
    }

    /// Why there is no schema.
    private enum Missing: Error {
        /// The answer has not come yet.
        case pending
        /// Try again later.
        case outage
        case unknown
        case unusable(String)
        case ended(RunError)
    }

    init(_ options: RegistryOptions, interrupt: Interrupt, warn: @escaping (String) -> Void) {
        self.options = options
        self.interrupt = interrupt
        self.warn = warn
    }

    /// Whether the schema is known, so that `schema` does not wait.
    func isKnown(_ number: UInt32) -> Bool {
        known[number] != nil || unknown[number].map { steadyClock() - $0 < Self.unknownInterval } ?? false
    }

    /// The schema with this number, as far as it is known.
    func known(_ number: UInt32) -> MessageSchema? {
        known[number] ?? (unknown[number] == nil ? nil : Self.refusal(number))
    }

    private static func refusal(_ number: UInt32) -> MessageSchema {
        .refused("schema \(number) is not in the schema registry")
    }

    /// The schema with this number, from the registry if it is not known. Waits a moment for its answer.
    ///
    /// - Returns: nil until the registry has answered: ask again.
    /// - Throws: `unavailable` if it has never answered, or refuses to; `interrupted`.
    func schema(_ number: UInt32) throws(RunError) -> MessageSchema? {
        // One request is in progress at a time.
        if let asked, asked != number {
            _ = try settled(asked)
            guard self.asked == nil else { return nil }
        }
        return try settled(number)
    }

    /// Goes on with what has to be asked for a schema.
    private func settled(_ number: UInt32) throws(RunError) -> MessageSchema? {
        if let schema = known[number] { return schema }
        if isKnown(number) { return Self.refusal(number) }
        guard asked == number || steadyClock() >= nextTry else { return nil }
        asked = number
        do throws(Missing) {
            let schema = try load(number)
            (asked, root) = (nil, nil)
            known[number] = schema
            return schema
        } catch {
            if case .pending = error { return nil }
            (asked, root) = (nil, nil)
            switch error {
            case .outage, .pending: return nil
            case .ended(let error): throw error
            case .unknown:
                if unknown.count >= Self.unknownLimit { unknown.removeAll() }
                unknown[number] = steadyClock()
                return Self.refusal(number)
            case .unusable(let reason):
                let refusal = MessageSchema.refused("schema \(number) cannot be used: \(reason)")
                known[number] = refusal
                return refusal
            }
        }
    }

    /// Asks for the schema and those that it refers to. Begins from the start after each answer that was awaited, with
    /// what has been answered before.
    private func load(_ number: UInt32) throws(Missing) -> MessageSchema {
        let parsed: Parsed
        if let root {
            parsed = root
        } else {
            parsed = try parse(try get("/schemas/ids/\(number)"))
            root = parsed
        }
        switch parsed.type {
        case "AVRO": break
        case "JSON": return .json
        case "PROTOBUF":
            return .refused(
                "schema \(number) is Protobuf, which is not read; kafka-protobuf-console-consumer makes JSON of it")
        default:
            let type = Excerpt.text(Array(parsed.type.utf8))
            return .refused("schema \(number) is of type \(type), which is not read")
        }
        var texts: [String] = []
        var seen: Set<String> = []
        for reference in parsed.references { try collect(reference, into: &texts, &seen, depth: 0) }
        do throws(AvroSchemaError) {
            return .avro(try AvroSchema(parsed.text, references: texts))
        } catch {
            throw .unusable(error.text)
        }
    }

    /// Adds the text of a schema after those that it refers to.
    private func collect(
        _ reference: Reference, into texts: inout [String], _ seen: inout Set<String>, depth: Int
    ) throws(Missing) {
        let path = "/subjects/\(Self.escaped(reference.subject))/versions/\(reference.version)"
        guard seen.insert(path).inserted else { return }
        guard depth < 100, seen.count <= Self.referenceLimit else { throw .unusable("it refers to too many others") }
        let parsed: Parsed
        if let known = references[path] {
            parsed = known
        } else {
            do throws(Missing) {
                parsed = try parse(try get(path))
            } catch .unknown {
                throw .unusable("it refers to '\(Excerpt.text(Array(reference.subject.utf8)))', which is not there")
            }
            references[path] = parsed
        }
        for inner in parsed.references { try collect(inner, into: &texts, &seen, depth: depth + 1) }
        texts.append(parsed.text)
    }

    private static func escaped(_ subject: String) -> String {
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        var text = String.UnicodeScalarView()
        for byte in subject.utf8 {
            let isPlain = (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2d || byte == 0x5f
            if isPlain {
                text.append(Unicode.Scalar(byte))
            } else {
                text.append("%")
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            }
        }
        return String(text)
    }

    private func parse(_ body: [UInt8]) throws(Missing) -> Parsed {
        let answer = body.withUnsafeBytes { SchemaTree($0) }
        guard let answer, let text = answer["schema"]?.text else {
            throw .unusable("the answer of the schema registry has no schema; is the URL that of a registry?")
        }
        let references = (answer["references"]?.elements ?? []).compactMap { reference in
            reference["subject"]?.text.flatMap { subject in
                reference["version"]?.integer.map { Reference(subject: subject, version: $0) }
            }
        }
        return Parsed(text: text, references: references, type: answer["schemaType"]?.text ?? "AVRO")
    }

    // MARK: - Requests

    private func get(_ path: String) throws(Missing) -> [UInt8] {
        unansweredSince = unansweredSince ?? steadyClock()
        while failures.count < options.urls.count {
            let index = (preferred + failures.count) % options.urls.count
            let place = RegistryOptions.place(options.urls[index])
            let reason: String
            switch try request(options.urls[index] + path) {
            case .pending:
                if isPastPatience { throw .ended(unreachable("\(place) does not answer")) }
                throw .pending
            case .interrupted: throw .ended(RunError(.interrupted, ""))
            case .mistake(let text): throw .ended(.unavailable("the schema registry \(place): \(text)"))
            case .failure(let text): reason = "\(place): \(text)"
            case .answer(let status, let body):
                switch status {
                case 200:
                    noteAnswer(from: index)
                    return body
                case 401, 403: throw .ended(.unavailable(refusal(place, status)))
                case 404 where Self.isUnknown(body):
                    noteAnswer(from: index)
                    throw .unknown
                case 408, 429, 500...599: reason = "\(place) answers with HTTP status \(status)"
                default:
                    throw .ended(
                        .unavailable(
                            "the schema registry \(place) answers with HTTP status \(status); is the URL right? "
                                + "(-X \(RegistryOptions.prefix)url)"))
                }
            }
            failures = (failures.count + 1, reason)
        }
        let reason = failures.reason
        failures = (0, "")
        try noteFailure(reason)
        throw .outage
    }

    private func request(_ url: String) throws(Missing) -> RegistryAnswer {
        do throws(RunError) {
            if let client { return client.get(url, patience: Self.wait) }
            let new = try RegistryClient(options, interrupt: interrupt)
            client = new
            return new.get(url, patience: Self.wait)
        } catch {
            throw .ended(error)
        }
    }

    private func refusal(_ place: String, _ status: Int) -> String {
        let has = options.userInfo != nil || options.token != nil
        let reason = status == 401 ? (has ? "refuses user and password" : "requires a user") : "denies access"
        return "the schema registry \(place) \(reason) (HTTP status \(status)); put the line "
            + "\(RegistryOptions.prefix)basic.auth.user.info=USER:PASSWORD into a file, and use -X @FILE"
    }

    /// Whether the answer is that of a registry which has no such schema, subject or version, rather than of another
    /// server.
    private static func isUnknown(_ body: [UInt8]) -> Bool {
        let code = body.withUnsafeBytes { SchemaTree($0) }?["error_code"]?.integer
        return code == 40403 || code == 40401 || code == 40402
    }

    private func noteAnswer(from index: Int) {
        preferred = index
        failures = (0, "")
        hasAnswered = true
        unansweredSince = nil
        if let message = outage.recover(at: steadyClock()) { warn("the schema registry: \(message)") }
    }

    /// Whether a registry that has never answered has had the time to.
    private var isPastPatience: Bool {
        !hasAnswered && (unansweredSince.map { steadyClock() - $0 >= Self.patience } ?? false)
    }

    private func unreachable(_ reason: String) -> RunError {
        .unavailable("the schema registry cannot be reached: \(reason)")
    }

    private func noteFailure(_ reason: String) throws(Missing) {
        let now = steadyClock()
        nextTry = now + Self.retryInterval
        if isPastPatience { throw .ended(unreachable(reason)) }
        if outage.fail(at: now) { warn("the schema registry cannot be reached: \(reason); retrying") }
    }
}
