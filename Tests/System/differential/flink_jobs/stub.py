"""A stand-in for pyflink.table that only notes what a job does."""


class Jobs:
    """What was called, in order: settings by name, statements, and where the rows went."""

    def __init__(self):
        self.settings, self.statements, self.is_batch = {}, [], False


class EnvironmentSettings:
    @staticmethod
    def in_streaming_mode():
        return False

    @staticmethod
    def in_batch_mode():
        return True


def environment(jobs):
    class Rows:
        def __init__(self, query):
            self.query = query

        def execute_insert(self, table):
            jobs.statements.append(f"INSERT INTO {table}\n{self.query.strip()}")
            return self

        def wait(self):
            jobs.statements.append("waited")

    class TableEnvironment:
        @staticmethod
        def create(is_batch):
            jobs.is_batch = is_batch
            return TableEnvironment()

        def get_config(self):
            return self

        def set(self, name, value):
            jobs.settings[name] = value

        def execute_sql(self, statement):
            jobs.statements.append(statement.strip())

        def sql_query(self, query):
            return Rows(query)

    return TableEnvironment
