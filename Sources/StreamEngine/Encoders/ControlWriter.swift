/// Takes control lines, behind the rows written before.
protocol ControlWriter: ~Copyable {
    mutating func writeControl(_ body: (inout ByteBuffer) -> Void) throws(EngineError)
}
