import Foundation
import Glibc
import Testing

/// No run destroys a file that its command line does not name, and no two runs write the same one.
struct SafeFilesTests {
    private static let input = (1...5).map { "{\"t\":\"2026-01-01T00:0\($0):00Z\"}\n" }.joined() + "bad\n"
    private static let job = "streamctl in -t t -W 1m -w 1m --count --state-dir s"
    private static let reject =
        #"{"reason":"malformed","detail":"not a JSON object","source":"in","line":6,"record":"bad"}"# + "\n"

    /// A folder with an input and a directory for checkpoints that everyone can write.
    private static func withFolder(_ body: (URL) throws -> Void) throws {
        try withScratchFolder { folder in
            try Data(input.utf8).write(to: folder.appendingPathComponent("in"))
            mkdir(folder.appendingPathComponent("s").path, 0o700)
            chmod(folder.appendingPathComponent("s").path, 0o1777)
            try body(folder)
        }
    }

    private static func text(_ name: String, in folder: URL) -> String? {
        try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    // MARK: Checkpoints

    @Test(
        "nothing that others may have planted among the checkpoints is followed, written or waited for",
        arguments: ["j.job.new", "j.job", "j.lock"],
        ["ln -s ../victim s/%", "ln -s ../none s/%", "mkfifo s/%", "mkdir s/%", "ln -s /dev/null s/%"])
    func planted(_ name: String, _ command: String) throws {
        try Self.withFolder { folder in
            let plant = command.replacing("%", with: name)
            let outcome = try shell("echo precious >victim; \(plant); \(Self.job) -o o --job j", in: folder)
            #expect(outcome.status == 73 && outcome.messages.contains("s/\(name): not a regular file"))
            #expect(Self.text("victim", in: folder) == "precious\n")
            #expect(Self.text("o", in: folder) == nil && Self.text("none", in: folder) == nil)
        }
    }

    @Test("what is planted while a job runs is not followed either") func plantedLater() throws {
        try Self.withFolder { folder in
            let outcome = try shell(
                """
                echo precious >victim
                streamctl demo:sensors?rate=1000 -t event_time -w 1s --job j --state-dir s --commit-every 1ms -o o &
                run=$!
                until [ -s s/j.job ]; do sleep 0.05; done
                while kill -0 $run 2>/dev/null; do ln -s ../victim s/j.job.new 2>/dev/null; done
                wait $run; echo $?; cat victim
                """, in: folder)
            #expect(outcome.text == "74\nprecious\n")
            #expect(outcome.messages.hasSuffix("streamctl: s/j.job: write failed: File exists\n"))
        }
    }

    @Test("a checkpoint that a killed run has left half written is replaced") func staleDraft() throws {
        try Self.withFolder { folder in
            let outcome = try shell("echo half >s/j.job.new; \(Self.job) -o o --job j; ls s", in: folder)
            #expect(outcome.text == "j.job\nj.lock\n" && outcome.status == 0)
        }
    }

    @Test("a directory for checkpoints is made for the user alone") func privateDirectory() throws {
        try Self.withFolder { folder in
            let outcome = try shell(
                "umask 0; \(Self.job) -o o --job j; stat -c %a a a/b".replacing(
                    "--state-dir s", with: "--state-dir a/b"),
                in: folder)
            #expect(outcome.text == "700\n700\n")
        }
    }

    @Test(
        "the output cannot be one of the files in which its job is kept", arguments: ["j.job", "j.lock", "j.job.new"])
    func outputAmongCheckpoints(_ name: String) throws {
        try Self.withFolder { folder in
            let outcome = try shell("\(Self.job) -o ./s/../s/\(name) --job j", in: folder)
            #expect(outcome.status == 73 && outcome.messages.contains("the job is kept in this file"))
        }
    }

    @Test(
        "a home that is not an absolute path does not count: --state-dir is required",
        arguments: ["", "home", "./home"])
    func relativeHome(_ home: String) throws {
        try Self.withFolder { folder in
            let outcome = try shell(
                "HOME='\(home)' XDG_STATE_HOME='\(home)' \(Self.job) -o o --job j; ls"
                    .replacing(" --state-dir s", with: ""), in: folder)
            #expect(outcome.text == "in\ns\n" && outcome.messages.contains("add --state-dir DIR"))
        }
    }

    // MARK: Locks

    /// Starts an endless job that writes to `o`, and calls the shell commands while it runs.
    private static func whileRunning(_ commands: String, in folder: URL) throws -> Outcome {
        try shell(
            """
            streamctl demo:sensors?rate=1000 -t event_time -w 1s --job first --state-dir s --commit-every 20ms -o o \
            2>messages & run=$!
            until [ -s s/first.job ]; do sleep 0.05; done
            \(commands)
            kill $run; wait $run; echo first $?
            """, in: folder)
    }

    @Test(
        "a file that a job writes is closed to every other run, under any name; the message names the job",
        arguments: ["-o o --job second", "-o ./o --job second", "-o link --job second", "-o hard --job second", "-o o"])
    func oneOutput(_ flags: String) throws {
        try Self.withFolder { folder in
            let flags = flags.contains("--job") ? "\(flags) --state-dir s" : flags
            let outcome = try Self.whileRunning(
                "ln -s o link; ln o hard; streamctl in -t t -w 1m --count \(flags); echo $?", in: folder)
            #expect(outcome.text == "75\nfirst 143\n")
            let who = flags.contains("--job") ? "job 'first' is writing to it" : "another process has locked it"
            #expect(outcome.messages.contains("\(who); give each run a file of its own"))
            #expect(Self.text("o", in: folder)?.utf8.contains(0) == false)
        }
    }

    @Test("jobs that append to one file by standard output are kept apart as well") func oneStandardOutput() throws {
        try Self.withFolder { folder in
            let outcome = try Self.whileRunning("\(Self.job) --job second >>o; echo $?", in: folder)
            #expect(outcome.text == "75\nfirst 143\n" && outcome.messages.contains("stdout: job 'first'"))
        }
    }

    @Test("the file of one job's rows cannot be that of another run's rejects") func outputAsRejects() throws {
        try Self.withFolder { folder in
            let outcome = try Self.whileRunning("streamctl in --count --rejects o; echo $?", in: folder)
            #expect(outcome.text == "75\nfirst 143\n")
        }
    }

    @Test(
        "a job whose lock file is removed or replaced still keeps a second process out",
        arguments: ["rm s/first.lock", "mv s/first.lock s/other", "rm s/first.lock; : >s/first.lock"])
    func lostLock(_ command: String) throws {
        try Self.withFolder { folder in
            let outcome = try Self.whileRunning(
                """
                \(command); sleep 0.5
                streamctl demo:sensors?rate=1000 -t event_time -w 1s --job first --state-dir s --commit-every 20ms -o o
                echo $?; streamctl --list-jobs --state-dir s -f csv | cut -d, -f1,3
                """, in: folder)
            #expect(outcome.text == "75\njob,status\nfirst,running\nfirst 143\n")
            #expect(outcome.messages.hasPrefix("streamctl: job 'first' is running in another process\n"))
        }
    }

    @Test("a job that finds its lock in other hands writes nothing more") func takenLock() throws {
        try Self.withFolder { folder in
            let outcome = try Self.whileRunning(
                """
                cp s/first.lock s/new
                flock s/new sh -c 'mv s/new s/first.lock; while kill -0 '$run' 2>/dev/null; do sleep 0.05; done'
                """, in: folder)
            #expect(outcome.text == "first 75\n")
            #expect(Self.text("messages", in: folder)?.contains("its lock file first.lock was removed") == true)
        }
    }

    @Test("a run whose directory of checkpoints is removed ends with an error") func lostDirectory() throws {
        try Self.withFolder { folder in
            let outcome = try Self.whileRunning(
                "until rm -rf s 2>errors; do :; done; while kill -0 $run 2>/dev/null; do sleep 0.05; done", in: folder)
            #expect(outcome.text == "first 75\n")
        }
    }

    @Test("a file is free again when the run that wrote it has ended, also by KILL") func freed() throws {
        try Self.withFolder { folder in
            let outcome = try shell(
                """
                streamctl demo:sensors?rate=1000 -o o & run=$!
                until [ -s o ]; do sleep 0.05; done
                kill -KILL $run; streamctl in --count -q -o o; cat o
                """, in: folder)
            #expect(outcome.text == "{\"count\":5}\n")
        }
    }

    // MARK: Output and rejects

    @Test(
        "if one of output and rejects cannot be opened, both are as they were",
        arguments: ["-o o --rejects none/r", "-o none/o --rejects r", "-o o --rejects .", "-o . --rejects r"])
    func bothOrNone(_ flags: String) throws {
        try Self.withFolder { folder in
            for job in ["", " -t t -w 1m --job j --state-dir s"] {
                let outcome = try shell("echo old >o; echo old >r; streamctl in \(flags)\(job)", in: folder)
                #expect(outcome.status == 73)
                #expect(Self.text("o", in: folder) == "old\n" && Self.text("r", in: folder) == "old\n")
            }
        }
    }

    @Test("a rejects file keeps what it has; a run appends to it", arguments: ["--count", "--count -o o"])
    func rejectsAreAppended(_ flags: String) throws {
        try Self.withFolder { folder in
            let outcome = try shell(
                "echo important >r; for i in 1 2; do streamctl in -q --rejects r \(flags); done; cat r", in: folder)
            #expect(outcome.text.hasSuffix("important\n\(Self.reject)\(Self.reject)"))
        }
    }

    @Test("runs at the same time may append to one rejects file") func rejectsAtTheSameTime() throws {
        try Self.withFolder { folder in
            let outcome = try shell(
                """
                for i in 1 2 3 4; do for k in $(seq 500); do echo bad; done >in$i; done
                for i in 1 2 3 4; do streamctl in$i -q --rejects r & done; wait; sort r | uniq | wc -l
                """, in: folder)
            #expect(outcome.text == "2000\n")
        }
    }

    @Test(
        "rejects of a job that is killed are in the file once, after what it had before",
        arguments: ["before-rows", "after-rows", "rows-synced", "checkpoint-written", "checkpoint-renamed"],
        ["echo important >r", "rm -f r"])
    func rejectsOfKilledJob(_ place: String, _ command: String) throws {
        try Self.withFolder { folder in
            var lines = ""
            for number in 1...4000 { lines += "{\"t\":\(number)}\n" + (number % 40 == 0 ? "bad \(number)\n" : "") }
            try Data(lines.utf8).write(to: folder.appendingPathComponent("in"))
            for count in 1...3 {
                let outcome = try shell(
                    """
                    \(command); rm -rf s o; run="\(Self.job) -q --job j -o o --rejects r --commit-every 1us"
                    STREAMCTL_FAILPOINT=\(place):kill@\(count) $run; $run
                    grep -c bad r; grep -c important r; sort r | uniq -d
                    """, in: folder)
                #expect(outcome.text == "100\n\(command.hasPrefix("echo") ? 1 : 0)\n", "\(place) \(count)")
            }
        }
    }

    @Test("a job that resumes with another rejects file leaves the content of that one alone")
    func otherRejects() throws {
        try Self.withFolder { folder in
            let outcome = try shell(
                """
                \(Self.job) -q --job j -o o --rejects r
                for i in 1 2 3 4 5 6; do echo "something else that is longer than the rejects"; done >other; cp other kept
                echo '{"t":"2026-01-01T01:00:00Z"}' >>in; echo worse >>in
                \(Self.job) -q --job j -o o --rejects other
                head -n 6 other | cmp - kept && tail -n +7 other; wc -l <r
                """, in: folder)
            #expect(outcome.text == Self.reject.replacing("6", with: "8").replacing("bad", with: "worse") + "1\n")
            #expect(outcome.messages == "")
        }
    }

    @Test("two names of one file that does not exist yet are detected before anything is emptied")
    func sameNewFile() throws {
        try Self.withFolder { folder in
            let outcome = try shell(
                "mkdir d; ln -s d e; streamctl in -o d/f --rejects e/f; echo $?; echo x >g; ln g h; "
                    + "streamctl in -o g --rejects h; echo $?; cat g", in: folder)
            #expect(outcome.text == "73\n73\nx\n")
        }
    }

    @Test("an output that is a symbolic link is written where it leads, as a shell does") func linkedOutput() throws {
        try Self.withFolder { folder in
            let outcome = try shell(
                "ln -s target o; streamctl in -q --count -o o; cat target; test -h o && echo link", in: folder)
            #expect(outcome.text == "{\"count\":5}\nlink\n")
        }
    }

    // MARK: Inputs

    @Test("a file that is truncated while it is read is an error with the place", arguments: ["big", "<big", "big in"])
    func truncated(_ input: String) throws {
        try Self.withFolder { folder in
            let line = "{\"a\":1,\"b\":\"\(String(repeating: "x", count: 80))\"}\n"
            try Data(String(repeating: line, count: 100_000).utf8).write(to: folder.appendingPathComponent("big"))
            // A full pipe stops the run in the middle of the file.
            let outcome = try shell(
                """
                mkfifo p; streamctl -q --select a,b \(input) >p & run=$!
                { head -n 1; truncate -s 1000 big; cat; } <p >rows; wait $run; echo $?
                """, in: folder)
            #expect(outcome.text == "66\n")
            let name = input == "<big" ? "stdin" : "big"
            #expect(outcome.messages.hasPrefix("streamctl: \(name): truncated to 1000 bytes while it was being read"))
        }
    }

    @Test("a file that grows while it is read, or is not a regular file, is not an error") func notTruncated() throws {
        try Self.withFolder { folder in
            let outcome = try shell(
                """
                streamctl /sys/kernel/mm/transparent_hugepage/enabled --rejects r
                { sed -n 1q; streamctl -q --count; } <in
                """, in: folder)
            #expect(!outcome.messages.contains("truncated") && outcome.text.hasSuffix("}\n"))
        }
    }
}
