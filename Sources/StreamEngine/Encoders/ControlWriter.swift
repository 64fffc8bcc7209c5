/// Writes control lines after the rows written before.
protocol ControlWriter: ~Copyable {
    mutating func writeControl(_ body: (inout ByteBuffer) -> Void) throws(EngineError)
}
