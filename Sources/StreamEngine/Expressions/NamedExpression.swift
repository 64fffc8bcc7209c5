package struct NamedExpression: Sendable {
    package var name: String
    package var expression: Expression
    package init(name: String, expression: Expression) {
        self.name = name
        self.expression = expression
    }
}
