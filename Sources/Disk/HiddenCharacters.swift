/// The characters that people do not see, or that change how they see the others: the one table for names that may
/// touch a disk and for text that may reach a terminal.
///
/// By the Unicode Character Database: control characters (C0, DEL, C1), format characters (bidirectional marks and
/// isolates, zero-width characters, the soft hyphen, tags), line and paragraph separators, noncharacters, and
/// everything else that is shown as nothing (`Default_Ignorable_Code_Point`, as the fillers of Hangul). A variation
/// selector is hidden where there is nothing whose looks it could vary. Characters for private use are shown.
extension Unicode.Scalar {
    /// - Parameter previous: The character before it in the text; nil at the beginning.
    package func isHidden(after previous: Unicode.Scalar?) -> Bool {
        if isASCII { return value < 0x20 || value == 0x7F }
        if properties.isVariationSelector {
            guard let previous, !previous.isASCII else { return true }
            return !previous.properties.isEmoji && !previous.properties.isIdeographic
        }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return true
        default: return properties.isDefaultIgnorableCodePoint || properties.isNoncharacterCodePoint
        }
    }
}

extension StringProtocol {
    /// Whether there is a character that people do not see, or that changes how they see the others.
    package var hasHiddenCharacters: Bool {
        var previous: Unicode.Scalar?
        return unicodeScalars.contains { scalar in
            defer { previous = scalar }
            return scalar.isHidden(after: previous)
        }
    }
}
