"""A writer that numbers its lines, rotates its log, and keeps a ledger: where each line is, and which lines may be lost."""

import datetime
import os
import pathlib
import subprocess
import time

# An old file that others can still write to counts as finished after 5 seconds without a line. A writer that was slower
# than this may have been too late.
LATEST, QUIET = 2.0, 4.0


class Content:
    """What a name stood for at one time."""

    def __init__(self, path):
        # The numbers of the whole lines, in order.
        self.numbers = []
        # Where it can be read: the log, or a rotated file. None if it is gone.
        self.path, self.extension = path, ""
        # Its last line has no newline, so that it is a record only when there is a new log.
        self.is_open_ended = False
        # A copy may lack the end of it.
        self.is_short = False
        # Nothing tells a reader that it exists.
        self.is_doubtful = False


class Open:
    """A descriptor of the writer."""

    def __init__(self, content, descriptor):
        self.content, self.descriptor = content, descriptor
        # The rest of an unfinished line, and its number; None if its start stands in another file.
        self.rest, self.number = b"", None
        self.touched = time.monotonic()

    def put(self, data):
        while data:
            data = data[os.write(self.descriptor, data):]
        self.touched = time.monotonic()


class Log:
    """The log and what became of it. `naming` has the names of rotated files."""

    def __init__(self, path, naming, rng, first=1, appends=True, banner=b""):
        self.path, self.naming, self.rng, self.next = path, naming, rng, first
        self.appends, self.banner = appends, banner
        self.may_be_deleted = False
        self.contents, self.lost, self.late, self.now, self.copy = [], set(), [], None, None

    # What was written.

    def rotated(self):
        """The contents in rotated files, oldest first."""
        return [content for content in self.contents if content.path not in (None, self.path)]

    def expected(self):
        return [number for content in self.contents for number in content.numbers]

    def optional(self):
        doubtful = {number for content in self.contents if content.is_doubtful for number in content.numbers}
        return self.lost | doubtful

    def due(self):
        """The numbers that must be in the output now."""
        waits = self.contents[-1].numbers[-1:] if self.contents and self.contents[-1].is_open_ended else []
        not_due = self.optional() | set(waits)
        return [number for number in self.expected() if number not in not_due]

    # Writing.

    def create(self):
        """Opens a new log."""
        self.path.parent.mkdir(exist_ok=True)
        target = self.naming.target(self)
        flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if self.appends else 0)
        self.now = Open(Content(self.path), os.open(target or self.path, flags, 0o644))
        self.contents.append(self.now.content)
        if target:
            self.naming.link(self, target)

    def open_again(self):
        """Opens the log as it is, or a new one."""
        last = self.contents[-1]
        if last.path != self.path:
            self.create()
            return
        flags = os.O_WRONLY | os.O_APPEND
        self.now = Open(last, os.open(self.path, flags))

    def line(self):
        number, pad = self.next, self.rng.choice((0, 1, 20, 150, 150, 1100, 5000))
        self.next += 1
        moment = datetime.datetime(2026, 3, 1) + datetime.timedelta(seconds=number % 86400)
        # Files are told apart by the ends of what was read: these must differ.
        text = (f"{number}-" * pad)[:pad]
        return number, f'{{"n":{number},"ts":"{moment.isoformat()}Z","pad":"{text}"}}\n'.encode()

    def write(self, count, to=None):
        to = to or self.now
        self.finish_line(to)
        lines = [self.line() for _ in range(count)]
        start = b"" if to.content.numbers else self.banner
        to.put(start + b"".join(text for _, text in lines))
        to.content.numbers += [number for number, _ in lines]
        return [number for number, _ in lines]

    def start_line(self, to=None):
        to = to or self.now
        if to.rest:
            return
        if not to.content.numbers:
            to.put(self.banner)
        to.number, text = self.line()
        cut = self.rng.randrange(1, len(text))
        to.put(text[:cut])
        to.rest = text[cut:]

    def finish_line(self, to, leave=b""):
        """Writes the rest of an unfinished line, maybe without its newline."""
        if not to.rest:
            return
        to.content.is_open_ended = leave != b""
        to.put(to.rest.removesuffix(leave))
        if to.number is not None:
            to.content.numbers.append(to.number)
        to.rest, to.number = b"", None

    def write_late(self):
        """Adds lines to a file that was rotated, unless too much time has passed."""
        to = self.rng.choice(self.late)
        last = to.touched
        if time.monotonic() - last > LATEST:
            self.close(to)
            return
        written = self.write(self.rng.randint(1, 3), to)
        if time.monotonic() - last > QUIET:
            self.lost.update(written)

    def close(self, which, leave=b""):
        last = which.touched
        number = which.number
        self.finish_line(which, leave)
        if number is not None and which in self.late and time.monotonic() - last > QUIET:
            self.lost.add(number)
        os.close(which.descriptor)
        if which in self.late:
            self.late.remove(which)

    def close_all(self):
        for which in list(self.late):
            self.close(which)
        if self.now:
            self.close(self.now)
            self.now = None

    # Rotation.

    def rename(self, follower, is_late=False, waits=False):
        """The log gets another name. Returns the descriptor, which may still be written to."""
        old, self.now = self.now, None
        self.doubt_unseen(follower, [old.content])
        self.naming.move_log(self, old.content)
        old.touched = time.monotonic()
        if not waits:
            self.create()
        if is_late:
            self.late.append(old)
        else:
            self.close(old, self.rng.choice((b"", b"\n")))

    def begin_copy(self):
        """A copy that a reader may see half done. Nothing may be written until the log is truncated."""
        data = self.path.read_bytes()
        place = self.naming.place(self)
        self.copy = open(place, "wb", buffering=0)
        self.copy.write(data[:len(data) // 2])

    def end_copy(self):
        if not self.copy.closed:
            self.copy.write(self.path.read_bytes()[self.copy.tell():])
            self.copy.close()
            # Once the log is deleted, only the times of the files say which came first, and these are exact to a tick.
            if self.may_be_deleted:
                time.sleep(0.01)

    def copy_and_truncate(self, follower, between=0, regrows=False):
        """Lines that are written between the copy and the truncation are lost."""
        content = self.now.content
        self.doubt_unseen(follower, [content])
        if self.copy is None:
            self.begin_copy()
        self.end_copy()
        place, self.copy = pathlib.Path(self.copy.name), None
        if between:
            # The copy has only the start of an unfinished line.
            self.lost |= {self.now.number} if self.now.rest and self.now.number else set()
            self.lost.update(self.write(between))
            content.is_short = True
        if self.now.rest:
            # Half of it stands in the copy, the other half in the log.
            self.lost.add(self.now.number)
            content.numbers += [] if self.now.number is None else [self.now.number]
            self.now.number = None
        size = os.fstat(self.now.descriptor).st_size
        os.ftruncate(self.now.descriptor, 0)
        content.path = place
        self.begin_again()
        while regrows and os.fstat(self.now.descriptor).st_size <= size:
            self.write(20)

    def truncate(self, follower, regrows=False):
        """All that was not delivered is lost."""
        self.forget(self.now.content, follower.durable())
        self.lost |= {self.now.number} if self.now.rest and self.now.number else set()
        self.now.content.numbers += [self.now.number] if self.now.rest and self.now.number else []
        self.now.number = None
        size = os.fstat(self.now.descriptor).st_size
        os.ftruncate(self.now.descriptor, 0)
        self.begin_again()
        while regrows and os.fstat(self.now.descriptor).st_size <= size:
            self.write(20)

    def begin_again(self):
        """A new content in the same file."""
        content = Content(self.path)
        self.contents.append(content)
        self.now.content = content

    def delete(self, follower, is_recreated):
        """A reader that holds the file reads it to its end, unless it is killed."""
        content, old = self.now.content, self.now
        self.finish_line(old)
        if self.is_held(content, follower):
            content.path = None
        else:
            self.forget(content, follower.durable())
        self.path.unlink()
        os.close(old.descriptor)
        self.now = None
        if is_recreated:
            self.create()

    def remove_oldest(self, follower):
        content = self.rotated()[0]
        content.path.unlink()
        if self.is_held(content, follower):
            content.path = None
        else:
            self.forget(content, follower.durable())
            self.doubt_unseen(follower, self.rotated())

    def compress(self, content, tool):
        """As a script after the rotation does."""
        name = {"gzip": ".gz", "zstd": ".zst", "bzip2": ".bz2", "xz": ".xz"}[tool]
        words = [tool, "-q", *(("--rm",) if tool == "zstd" else ()), content.path]
        subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
        content.extension = name
        content.path = content.path.with_name(content.path.name + name)

    def can_compress(self):
        late = [which.content for which in self.late]
        return [content for content in self.rotated() if not content.extension and content not in late]

    # What may be lost.

    def is_held(self, content, follower):
        return bool(follower.shown() & set(content.numbers))

    def forget(self, content, durable):
        """The only place of the content is gone."""
        content.path = None
        self.lost |= set(content.numbers) - durable

    def ended(self, follower):
        """No process follows the log: what one alone held is gone. To be called after a run, and before the next."""
        durable = follower.durable()
        for content in self.contents:
            if content.path is None:
                self.forget(content, durable)
        self.doubt_unseen(follower, self.rotated())

    def doubt_unseen(self, follower, contents):
        """After a gap, and before it has read anything, a reader cannot know which rotated files are new."""
        durable = follower.durable()
        known = [index for index, content in enumerate(self.contents) if durable & set(content.numbers)]
        newest = self.contents[max(known, default=0):]
        # A rotated file of a name that was never read belongs to nothing.
        if known and not any(content.path is None or content.is_short for content in newest):
            return
        for content in contents:
            if not self.is_held(content, follower):
                content.is_doubtful = True
