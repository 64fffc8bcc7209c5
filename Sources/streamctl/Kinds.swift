import Files
import Kafka
import Plan
import Postgres

/// All inputs and outputs. Files come last, because they accept every name.
let kinds = Kinds(
    inputs: [TopicInput.self, DemoInput.self, FollowInput.self, FileInput.self],
    outputs: [TableDelivery.self, TopicDelivery.self, FileDelivery.self],
    tables: [DatabaseTables.self])
