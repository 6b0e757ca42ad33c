/// Of several models some could not be had. The exit status is that of the first.
struct SomeFailed: Error {
    /// One that could not.
    struct One {
        /// As it was typed.
        var ref: String
        var error: any Error
    }

    /// Never empty; in the order of the command.
    var failed: [One]
    /// What came all the same.
    var installed: [GetAnswer.Row]
}

/// The same for programs: the first error where a single one would be, then who failed and what came.
struct SomeFailedAnswer: Encodable {
    struct Row: Encodable {
        var ref: String
        var error: Failure.Words
    }

    var error: Failure.Words
    var failed: [Row]
    var installed: [GetAnswer.Row]
}
