/// What Foundation has too, where it brings all of itself and the tables of ICU into the program: 40 MB, against none.
/// `make release` tells who needs it all the same.
extension StringProtocol {
    /// Without white space at either end.
    package var trimmed: String {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }

    /// Whether the text is somewhere in it.
    package func holds(_ text: some StringProtocol) -> Bool { firstRange(of: text) != nil }
}
