"""The system tests: the built program against real files, a private Postgres and mock Kafka clusters."""
