/// Writes control lines after the rows that have been written so far.
protocol ControlWriter: ~Copyable {
    mutating func writeControl(_ body: (inout ByteBuffer) -> Void) throws(EngineError)
}
