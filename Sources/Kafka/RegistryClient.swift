import CCurl
import StreamEngine
import System

/// The answer of a registry to a request.
enum RegistryAnswer {
    case answer(status: Int, body: [UInt8])
    /// None yet: ask again.
    case pending
    /// It could not be reached, or did not answer in time.
    case failure(String)
    /// What trying again does not change.
    case mistake(String)
    case interrupted
}

/// Sends requests to a schema registry with libcurl, which is loaded when a run first needs it. One is in progress at a
/// time, and nothing waits for its end.
///
/// Used by one thread at a time.
final class RegistryClient {
    private let calls: CCurlCalls
    private let handle: UnsafeMutableRawPointer
    /// Holds `handle` while a request is in progress.
    private let requests: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>
    private let interrupt: Interrupt
    /// The URL of the request in progress.
    private var current: String?
    private var body: [UInt8] = []

    /// No answer with a schema is as long.
    private static let bodyLimit = 4 << 20
    /// Milliseconds.
    private static let connectLimit = 3000
    private static let limit = 5000
    private static let mostRedirects = 3
    /// HTTP and HTTPS, also where an answer refers to another place.
    private static let protocols = 3

    private static let loaded = LoadedLibrary<CCurlCalls>(
        "a schema registry requires the library libcurl.so.4 (Debian package libcurl4)"
    ) { CCurlLoad($0) }
    /// Not safe to call twice at once.
    private static let isReady: Bool = (try? loaded.calls.get()).map { $0.curl_global_init(3) == CURLE_OK } ?? false

    /// - Throws: `unavailable` without libcurl.
    init(_ options: RegistryOptions, interrupt: Interrupt) throws(RunError) {
        do throws(LibraryError) { calls = try Self.loaded.calls.get() } catch { throw .unavailable(error.reason) }
        guard Self.isReady, let handle = calls.curl_easy_init() else { throw .unavailable("libcurl cannot be used") }
        guard let requests = calls.curl_multi_init() else {
            calls.curl_easy_cleanup(handle)
            throw .unavailable("libcurl cannot be used")
        }
        self.handle = handle
        self.requests = requests
        self.interrupt = interrupt
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        withUnsafePointer(to: calls) { calls in
            CCurlSetErrorText(calls, handle, errorText)
            CCurlSetReceiver(
                calls, handle,
                { bytes, size, count, object in
                    guard let bytes, let object else { return 0 }
                    let client = Unmanaged<RegistryClient>.fromOpaque(object).takeUnretainedValue()
                    return client.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
                }, Unmanaged.passUnretained(self).toOpaque())
        }
        for (option, value) in [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 1), (CURLOPT_MAXREDIRS, Self.mostRedirects),
            (CURLOPT_CONNECTTIMEOUT_MS, Self.connectLimit), (CURLOPT_TIMEOUT_MS, Self.limit), (CURLOPT_HTTPAUTH, 1),
            (CURLOPT_PROTOCOLS, Self.protocols), (CURLOPT_REDIR_PROTOCOLS, Self.protocols),
            // Else the end of a run waits for the names that are being looked up.
            (CURLOPT_QUICK_EXIT, 1),
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
        cancel()
        calls.curl_easy_cleanup(handle)
        _ = calls.curl_multi_cleanup(requests)
        calls.curl_slist_free_all(headers)
        errorText.deallocate()
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

    /// Sends a request, or goes on with it if it is in progress.
    ///
    /// - Parameter patience: how long to wait for the answer, microseconds.
    func get(_ url: String, patience: Int64) -> RegistryAnswer {
        // Threads look up names.
        var signals = BlockedSignals()
        defer { signals.restore() }
        if current != url {
            cancel()
            body.removeAll()
            errorText.pointee = 0
            set(CURLOPT_URL, url)
            guard calls.curl_multi_add_handle(requests, handle) == CURLM_OK else {
                return .failure("libcurl cannot send the request")
            }
            current = url
        }
        let end = steadyClock() + patience
        while true {
            var running: Int32 = 0
            _ = calls.curl_multi_perform(requests, &running)
            if running == 0 { return takeAnswer() }
            guard !interrupt.isRaised else {
                cancel()
                return .interrupted
            }
            let left = end - steadyClock()
            guard left > 0 else { return .pending }
            var stop = curl_waitfd(fd: interrupt.pollDescriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
            _ = calls.curl_multi_wait(requests, &stop, 1, Int32(clamping: left / 1000 + 1), nil)
        }
    }

    /// Ends the request in progress.
    private func cancel() {
        guard current != nil else { return }
        _ = calls.curl_multi_remove_handle(requests, handle)
        current = nil
    }

    private func takeAnswer() -> RegistryAnswer {
        let code = withUnsafePointer(to: calls) { CCurlOutcome($0, requests) }
        let status = withUnsafePointer(to: calls) { CCurlStatus($0, handle) }
        cancel()
        let option = "-X \(RegistryOptions.prefix)"
        switch code {
        case CURLE_OK: return .answer(status: status, body: body)
        case CURLE_WRITE_ERROR: return .mistake("its answer is longer than \(Self.bodyLimit >> 20) MiB")
        case CURLE_TOO_MANY_REDIRECTS: return .mistake("it redirects more than \(Self.mostRedirects) times")
        case CURLE_PEER_FAILED_VERIFICATION:
            // The same number means that the certificate is for another host.
            let remedy =
                reason.contains("certificate problem")
                ? "\(option)ssl.ca.location=FILE names the certificates of the CA that has signed it"
                : "\(option)url needs the host that the certificate is for"
            return .mistake("\(reason(code)); \(remedy)")
        case CURLE_SSL_CACERT_BADFILE:
            return .mistake("the file of \(option)ssl.ca.location has no certificates that can be read")
        case CURLE_SSL_CERTPROBLEM:
            return .mistake("\(reason(code)); see \(option)ssl.certificate.location and ssl.key.location")
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT: return .mistake(text(code))
        case CURLE_SSL_CONNECT_ERROR: return .failure(reason(code))
        default: return .failure(text(code))
        }
    }

    /// What libcurl says about the last request; empty if it says nothing.
    private var reason: String { String(cString: errorText) }

    private func reason(_ code: CURLcode) -> String { reason.isEmpty ? text(code) : reason }

    private func text(_ code: CURLcode) -> String {
        calls.curl_easy_strerror(code).map { String(cString: $0) } ?? "error \(code.rawValue) of libcurl"
    }
}
