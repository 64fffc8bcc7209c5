"""The rights that the small broker asks for, as Apache Kafka does."""

from .protocol import ERRORS

# A right to do one of these implies the right to describe.
DESCRIBING = ("Read", "Write")
REFUSALS = {
    "topic": "TOPIC_AUTHORIZATION_FAILED", "group": "GROUP_AUTHORIZATION_FAILED",
    "transactional-id": "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "cluster": "CLUSTER_AUTHORIZATION_FAILED"}


class Rights:
    """Who connects has these rights: pairs such as ("Read", "topic in"); None for all."""

    rights = None
    # Before Kafka 2.8, a right to write to some topic does not include the use of an idempotent producer.
    is_old = False

    def may(self, operation, kind, name):
        if self.rights is None:
            return True
        implied = DESCRIBING if operation == "Describe" else ()
        return any((given, f"{kind} {name}") in self.rights for given in (operation, *implied))

    def idempotent_refusal(self):
        writes = any(operation == "Write" and what.startswith("topic ") for operation, what in self.rights or ())
        return 0 if writes and not self.is_old else self.refusal(("IdempotentWrite", "cluster", ""))

    def refusal(self, *asked):
        """The error code of the first right that is missing, each an operation, a kind and a name; 0 if there is none."""
        for operation, kind, name in asked:
            if not self.may(operation, kind, name):
                return ERRORS[REFUSALS[kind]]
        return 0
