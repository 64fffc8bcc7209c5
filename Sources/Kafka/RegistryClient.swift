import CCurl
import StreamEngine
import System

/// The answer of a registry to a request.
enum RegistryAnswer {
    case answer(status: Int, body: [UInt8])
    /// It could not be reached, or did not answer in time.
    case failure(String)
    /// What trying again does not change.
    case mistake(String)
    case interrupted
}

/// Sends requests to a schema registry with libcurl, which is loaded when a run first needs it.
///
/// Used by one thread at a time.
final class RegistryClient {
    private let calls: CCurlCalls
    private let handle: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private let interrupt: Interrupt
    private var body: [UInt8] = []

    /// No answer with a schema is as long.
    private static let bodyLimit = 4 << 20
    /// Milliseconds.
    private static let connectLimit = 3000
    private static let limit = 5000

    private static let loaded = LoadedLibrary<CCurlCalls>(
        "a schema registry requires the library libcurl.so.4 (Debian package libcurl4)"
    ) { CCurlLoad($0) }
    /// Not safe to call twice at once.
    private static let isReady: Bool = (try? loaded.calls.get()).map { $0.curl_global_init(3) == CURLE_OK } ?? false

    /// - Throws: `unavailable` without libcurl.
    init(_ options: RegistryOptions, interrupt: Interrupt) throws(RunError) {
        do throws(LibraryError) { calls = try Self.loaded.calls.get() } catch { throw .unavailable(error.reason) }
        guard Self.isReady, let handle = calls.curl_easy_init() else { throw .unavailable("libcurl cannot be used") }
        self.handle = handle
        self.interrupt = interrupt
        withUnsafePointer(to: calls) { calls in
            CCurlSetCallbacks(
                calls, handle,
                { bytes, size, count, object in
                    guard let bytes, let object else { return 0 }
                    let client = Unmanaged<RegistryClient>.fromOpaque(object).takeUnretainedValue()
                    return client.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
                },
                { object, _, _, _, _ in
                    guard let object else { return 1 }
                    return Unmanaged<RegistryClient>.fromOpaque(object).takeUnretainedValue().interrupt.isRaised ? 1 : 0
                }, Unmanaged.passUnretained(self).toOpaque())
        }
        for (option, value) in [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_NOPROGRESS, 0), (CURLOPT_FOLLOWLOCATION, 1), (CURLOPT_MAXREDIRS, 3),
            (CURLOPT_CONNECTTIMEOUT_MS, Self.connectLimit), (CURLOPT_TIMEOUT_MS, Self.limit), (CURLOPT_HTTPAUTH, 1),
        ] { set(option, value) }
        for (option, value) in [
            (CURLOPT_USERPWD, options.userInfo), (CURLOPT_CAINFO, options.caFile),
            (CURLOPT_SSLCERT, options.certificate), (CURLOPT_SSLKEY, options.key),
            (CURLOPT_KEYPASSWD, options.keyPassword),
        ] { if let value { set(option, value) } }
        let fields =
            ["Accept: application/vnd.schemaregistry.v1+json, application/json", "User-Agent: streamctl"]
            + (options.token.map { ["Authorization: Bearer \($0)"] } ?? [])
        for field in fields { headers = calls.curl_slist_append(headers, field) }
        _ = withUnsafePointer(to: calls) { CCurlSetHeaders($0, handle, headers) }
    }

    deinit {
        calls.curl_easy_cleanup(handle)
        calls.curl_slist_free_all(headers)
    }

    private func set(_ option: CURLoption, _ value: Int) {
        _ = withUnsafePointer(to: calls) { CCurlSetNumber($0, handle, option, value) }
    }

    private func set(_ option: CURLoption, _ value: String) {
        _ = withUnsafePointer(to: calls) { CCurlSetText($0, handle, option, value) }
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= Self.bodyLimit else { return false }
        body.append(contentsOf: bytes)
        return true
    }

    func get(_ url: String) -> RegistryAnswer {
        body.removeAll()
        set(CURLOPT_URL, url)
        // Threads look up names.
        var signals = BlockedSignals()
        let code = calls.curl_easy_perform(handle)
        signals.restore()
        switch code {
        case CURLE_OK:
            return .answer(status: withUnsafePointer(to: calls) { CCurlStatus($0, handle) }, body: body)
        case CURLE_ABORTED_BY_CALLBACK: return .interrupted
        case CURLE_WRITE_ERROR: return .mistake("its answer is longer than \(Self.bodyLimit >> 20) MiB")
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_SSL_CERTPROBLEM, CURLE_PEER_FAILED_VERIFICATION,
            CURLE_SSL_CACERT_BADFILE:
            return .mistake(text(code))
        default: return .failure(text(code))
        }
    }

    private func text(_ code: CURLcode) -> String {
        calls.curl_easy_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue) of libcurl"
    }
}
