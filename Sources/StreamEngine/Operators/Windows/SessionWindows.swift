/// Sessions: runs of a group's records with no pause longer than the gap. A session ends one gap after its last record.
///
/// A record may extend a session or merge two. Lateness is checked after that (Flink's merging windows): a record that
/// would be late on its own is accepted if it touches a session that is still open.
struct SessionWindows: WindowOperator, ~Copyable {
    private struct Session {
        var start: Int64
        var last: Int64
        /// The slot of its group.
        var slot: UInt32
        /// The next session of the same group in the list, which is earlier. Sessions never touch, so `last` descends
        /// along the list too.
        var next: UInt32
        var previous: UInt32
        /// Incremented whenever the number is reused for another session.
        var generation: UInt32
        /// Whether it has been printed but is still correctable.
        var isClosed: Bool
        /// Whether it has a timer in `expiring`.
        var hasExpiry = false
        /// The batch of its first record.
        var batch: Int
    }

    /// Fires when the watermark reaches `at`; outdated if the session has changed since.
    private struct Timer: Comparable {
        var at: Int64
        var session: UInt32
        var generation: UInt32
        static func < (left: Timer, right: Timer) -> Bool {
            left.at != right.at ? left.at < right.at : left.session < right.session
        }
    }

    private static let none = GroupTable.none

    var context: WindowContext
    private let gap: Int64
    private let lateness: Int64
    private var panes = Panes()
    private let pane: UInt32
    /// The sessions, indexed by state number.
    private var sessions: [Session] = []
    private var closing = Heap<Timer>()
    private var expiring = Heap<Timer>()
    private(set) var nextDue = Int64.max
    var batch = 0
    var oldestBatch: Int? {
        [oldestBatch(of: closing), oldestBatch(of: expiring)].compactMap(\.self).min()
    }

    var tableBytes: Int { sessions.memoryBytes + closing.memoryBytes + expiring.memoryBytes }

    private func oldestBatch(of timers: Heap<Timer>) -> Int? {
        var oldest: Int?
        for timer in timers.unordered where sessions[Int(timer.session)].generation == timer.generation {
            let batch = sessions[Int(timer.session)].batch
            oldest = min(oldest ?? batch, batch)
        }
        return oldest
    }

    init(gap: Int64, lateness: Int64, _ context: consuming WindowContext) {
        self.context = context
        self.gap = gap
        self.lateness = lateness
        pane = panes.make(start: 0, end: 0, lastEnd: 0)
    }

    mutating func add(_ record: Record, watermark: Int64) throws(EngineError)
        -> Placement
    {
        let (slot, isNew) = context.groups.slot(pane: pane, record.key)
        if isNew { context.groups.slots[Int(slot)].next = Self.none }
        var found = Self.none
        // The earliest session that is entirely later than the record.
        var later = Self.none
        var session = context.groups.slots[Int(slot)].next
        while session != Self.none, record.time <= sessions[Int(session)].last &+ gap {
            let next = sessions[Int(session)].next
            if record.time < sessions[Int(session)].start &- gap {
                later = session
            } else if found == Self.none {
                found = session
            } else {
                join(session, into: found)
            }
            session = next
        }
        if found == Self.none {
            guard saturatingAdd(record.time &+ gap, lateness) > watermark else {
                if isNew { context.groups.remove(slot) }
                return .late(lastEnd: record.time &+ gap)
            }
            guard context.groups.count <= context.maxGroups else { throw .tooManyGroups(context.maxGroups) }
            found = open(slot, at: record.time, after: later)
            try context.checkSize()
        } else {
            sessions[Int(found)].start = min(sessions[Int(found)].start, record.time)
            sessions[Int(found)].last = max(sessions[Int(found)].last, record.time)
        }
        context.states.add(found, row: record.row)
        openOrCorrect(found, watermark: watermark)
        return .inWindow
    }

    private func end(_ session: UInt32) -> Int64 { sessions[Int(session)].last &+ gap }

    private func bounds(_ session: UInt32) -> WindowBounds {
        WindowBounds(start: sessions[Int(session)].start, end: end(session))
    }

    /// Opens a session and inserts it into the list of its group after `later`, or at the head if that is `none`.
    private mutating func open(_ slot: UInt32, at time: Int64, after later: UInt32)
        -> UInt32
    {
        let number = context.states.allocate()
        while sessions.count <= Int(number) {
            sessions.append(
                Session(start: 0, last: 0, slot: 0, next: 0, previous: 0, generation: 0, isClosed: false, batch: 0))
        }
        let generation = sessions[Int(number)].generation
        let next = later == Self.none ? context.groups.slots[Int(slot)].next : sessions[Int(later)].next
        sessions[Int(number)] = Session(
            start: time, last: time, slot: slot, next: next, previous: later, generation: generation, isClosed: true,
            batch: batch)
        if next != Self.none { sessions[Int(next)].previous = number }
        if later == Self.none {
            context.groups.slots[Int(slot)].next = number
        } else {
            sessions[Int(later)].next = number
        }
        return number
    }

    /// Called after a session has changed. If it was closed, reopens it if the watermark has not reached its new end,
    /// otherwise prints a correction.
    private mutating func openOrCorrect(_ session: UInt32, watermark: Int64) {
        let end = end(session)
        guard sessions[Int(session)].isClosed else { return }
        let timer = Timer(at: end, session: session, generation: sessions[Int(session)].generation)
        if end > watermark {
            sessions[Int(session)].isClosed = false
            closing.insert(timer)
        } else {
            context.emitter.add(key: sessions[Int(session)].slot, state: session, bounds(session), context.groups)
            expire(session)
        }
        setNextDue()
    }

    /// Sets a timer for the time after which a closed session cannot be corrected. One timer is enough: it renews
    /// itself.
    private mutating func expire(_ session: UInt32) {
        guard !sessions[Int(session)].hasExpiry else { return }
        sessions[Int(session)].hasExpiry = true
        let at = saturatingAdd(end(session), lateness)
        expiring.insert(Timer(at: at, session: session, generation: sessions[Int(session)].generation))
    }

    private mutating func setNextDue() {
        nextDue = min(closing.first?.at ?? Int64.max, expiring.first?.at ?? Int64.max)
    }

    /// Merges two sessions of a group.
    private mutating func join(_ source: UInt32, into target: UInt32) {
        sessions[Int(target)].start = min(sessions[Int(target)].start, sessions[Int(source)].start)
        sessions[Int(target)].last = max(sessions[Int(target)].last, sessions[Int(source)].last)
        sessions[Int(target)].batch = min(sessions[Int(target)].batch, sessions[Int(source)].batch)
        context.emitter.mergeRevisions(of: source, into: target)
        unlink(source)
        context.states.mergeLater(source, into: target)
    }

    /// Removes a session from its group's list. Its number is not free yet.
    private mutating func unlink(_ session: UInt32) {
        let slot = Int(sessions[Int(session)].slot)
        let next = sessions[Int(session)].next
        sessions[Int(session)].generation &+= 1
        let previous = sessions[Int(session)].previous
        if previous == Self.none {
            context.groups.slots[slot].next = next
        } else {
            sessions[Int(previous)].next = next
        }
        if next != Self.none { sessions[Int(next)].previous = previous }
    }

    mutating func close(upTo watermark: Int64) throws(EngineError) {
        var done: [UInt32] = []
        while let timer = closing.first, timer.at <= watermark {
            _ = closing.removeFirst()
            let session = timer.session
            guard sessions[Int(session)].generation == timer.generation, !sessions[Int(session)].isClosed else {
                continue
            }
            if end(session) > watermark {
                closing.insert(Timer(at: end(session), session: session, generation: timer.generation))
                continue
            }
            sessions[Int(session)].isClosed = true
            context.emitter.add(key: sessions[Int(session)].slot, state: session, bounds(session), context.groups)
            done.append(session)
        }
        if !done.isEmpty { try context.print() }
        for session in done {
            let at = saturatingAdd(end(session), lateness)
            if at <= watermark {
                remove(session)
            } else {
                expire(session)
            }
        }
        while let timer = expiring.first, timer.at <= watermark {
            _ = expiring.removeFirst()
            let session = sessions[Int(timer.session)]
            guard session.generation == timer.generation else { continue }
            guard session.isClosed else {
                sessions[Int(timer.session)].hasExpiry = false
                continue
            }
            let at = saturatingAdd(end(timer.session), lateness)
            if at <= watermark {
                remove(timer.session)
            } else {
                expiring.insert(Timer(at: at, session: timer.session, generation: timer.generation))
            }
        }
        setNextDue()
    }

    private mutating func remove(_ session: UInt32) {
        unlink(session)
        context.emitter.forgetRevision(of: session)
        context.states.release(session)
        let slot = sessions[Int(session)].slot
        if context.groups.slots[Int(slot)].next == Self.none { context.groups.remove(slot) }
    }

    mutating func printOpen() throws(EngineError) {
        for timer in closing.unordered {
            let session = sessions[Int(timer.session)]
            guard session.generation == timer.generation, !session.isClosed else { continue }
            context.emitter.add(key: session.slot, state: timer.session, bounds(timer.session), context.groups)
        }
        try context.print(isFinal: false)
    }

    /// Records can extend a future session back in time without limit, so starts have no bound.
    func bounds(after watermark: Int64) -> [Int64?] {
        [nil, saturatingSubtract(watermark, lateness)]
    }
}
