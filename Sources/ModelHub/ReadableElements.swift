/// A list of which each element stands for itself: one that is not what it should be does not hide the rest.
package struct ReadableElements<Element: Decodable>: Decodable {
    package private(set) var elements: [Element] = []
    /// How many could not be read.
    package private(set) var unreadable = 0

    /// - Throws: What keeps the first from being read, where none can be: then it is another kind of list.
    package init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        var fault: (any Error)?
        while !list.isAtEnd {
            let element = try list.superDecoder()
            do {
                elements.append(try Element(from: element))
            } catch {
                fault = fault ?? error
                unreadable += 1
            }
        }
        if elements.isEmpty, let fault { throw fault }
    }
}
