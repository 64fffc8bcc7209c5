"""The names of rotated files: numbers that move, dates that stay, and a symbolic link that is switched."""

import datetime
import os


class Numbered:
    """app.log.1 becomes app.log.2, as logrotate does it. `form` has the places of the name and of the number."""

    # Whether the log itself is a file that can be copied and deleted.
    is_file = True

    def __init__(self, form="{name}.{number}"):
        self.form = form

    def __str__(self):
        return self.form

    def path(self, log, number, extension):
        name, stem = log.path.name, log.path.stem
        return log.path.with_name(self.form.format(name=name, stem=stem, number=number) + extension)

    def place(self, log):
        """Makes room for the newest one. Returns its path."""
        rotated = log.rotated()
        for number, content in zip(range(len(rotated), 0, -1), rotated):
            to = self.path(log, number + 1, content.extension)
            content.path.rename(to)
            content.path = to
        return self.path(log, 1, "")

    def move_log(self, log, content):
        place = self.place(log)
        log.path.rename(place)
        content.path = place

    def target(self, log):
        """Where a new log really is, if its name is a link."""
        return None


class Dated(Numbered):
    """A day later for each rotation."""

    def __init__(self, form, pattern):
        super().__init__(form)
        self.pattern, self.day = pattern, datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)

    def next(self, log):
        self.day += datetime.timedelta(days=1)
        date = str(int(self.day.timestamp())) if self.pattern == "seconds" else self.day.strftime(self.pattern)
        return log.path.with_name(self.form.format(name=log.path.name, stem=log.path.stem, date=date))

    def place(self, log):
        return self.next(log)


class Linked(Dated):
    """The log is a symbolic link to the newest of the dated files."""

    is_file = False

    def __init__(self):
        super().__init__("{name}-{date}", "seconds")

    def __str__(self):
        return "symbolic link"

    def target(self, log):
        return self.next(log)

    def link(self, log, target):
        new = log.path.with_name("link.new")
        new.symlink_to(target.name)
        os.replace(new, log.path)
        self.current = target

    def move_log(self, log, content):
        """The file keeps its name; create() switches the link."""
        content.path = self.current


def drawn(rng):
    """A naming, as rotating programs have them."""
    return rng.choice((
        Numbered, Numbered, Numbered, lambda: Numbered("{stem}.{number}.log"), lambda: Dated("{name}-{date}", "%Y%m%d"),
        lambda: Dated("{name}.{date}", "%Y-%m-%d"), lambda: Dated("{stem}-{date}.log", "%Y-%m-%d"),
        lambda: Dated("{name}-{date}", "seconds"), Linked, Linked))()
