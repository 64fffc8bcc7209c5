/// The stored state of a job, as texts.
package struct JobState: Equatable, Sendable {
    /// The options of the run that stored it, as a flat JSON object.
    package var fingerprint: String
    package var checkpoint: String

    package init(fingerprint: String, checkpoint: String) {
        self.fingerprint = fingerprint
        self.checkpoint = checkpoint
    }
}
