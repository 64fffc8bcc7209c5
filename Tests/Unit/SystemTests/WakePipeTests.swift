import Glibc
import Testing

@testable import System

@Suite("wake pipes and interrupts")
struct WakePipeTests {
    private func isReadable(_ descriptor: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 1
    }

    @Test("a wake pipe is readable from the first notification until it is drained")
    func notification() {
        let pipe = WakePipe()
        #expect(!isReadable(pipe.readEnd))
        for _ in 0..<1000 { pipe.notify() }
        #expect(isReadable(pipe.readEnd))
        pipe.drain()
        #expect(!isReadable(pipe.readEnd))
    }

    @Test("a full wake pipe does not block")
    func full() {
        let pipe = WakePipe()
        for _ in 0..<200_000 { pipe.notify() }
        pipe.drain()
        #expect(!isReadable(pipe.readEnd))
    }

    @Test("neither end is inherited by other programs")
    func closedOnExec() {
        let pipe = WakePipe()
        for end in [pipe.readEnd, pipe.writeEnd] { #expect(fcntl(end, F_GETFD) & FD_CLOEXEC != 0) }
    }

    @Test("the first signal counts, and a raised interrupt stays readable")
    func firstSignal() {
        let interrupt = Interrupt()
        #expect(!interrupt.isRaised && !isReadable(interrupt.pollDescriptor))
        #expect(interrupt.raise(SIGTERM))
        #expect(!interrupt.raise(SIGINT))
        #expect(interrupt.signalNumber == SIGTERM && isReadable(interrupt.pollDescriptor))
    }

    @Test("a wait ends by its descriptor, its deadline or the interrupt")
    func waiting() {
        let pipe = WakePipe()
        let interrupt = Interrupt()
        #expect(wait(for: pipe.readEnd, interrupt: interrupt, deadline: wallClock() + 1000) == .deadline)
        pipe.notify()
        #expect(wait(for: pipe.readEnd, interrupt: interrupt, deadline: nil) == .ready)
        interrupt.raise(SIGINT)
        #expect(wait(for: pipe.readEnd, interrupt: interrupt, deadline: nil) == .interrupted)
    }

    @Test("a reader of the output that goes away raises SIGPIPE")
    func readerGone() {
        let interrupt = Interrupt()
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        #expect(wait(for: -1, output: ends[1], interrupt: interrupt, deadline: nil) == .interrupted)
        #expect(interrupt.signalNumber == SIGPIPE)
    }
}
