extension ModelReference {
    /// The same text for all writings of a reference that mean one model, in whatever case somebody types them.
    ///
    /// Names of models and repositories, quantizations and hosts are the same in any case; paths, branches and what
    /// follows a host are not: `M.gguf` and `m.gguf` of one server are two files.
    package static func ignoringCase(_ text: String) -> String {
        let exact = whereCaseCounts(text)
        return text[..<exact].lowercased() + text[exact...]
    }

    private static func whereCaseCounts(_ text: String) -> String.Index {
        if let authority = text.firstRange(of: "://") {
            return text[authority.upperBound...].firstIndex(of: "/") ?? text.endIndex
        }
        let slashes = text.indices.filter { text[$0] == "/" }
        if ["hf:", "modelscope:"].contains(where: { text.lowercased().hasPrefix($0) }) {
            let path = slashes.count > 1 ? slashes[1] : text.endIndex
            return min(path, text.firstIndex(of: "@") ?? text.endIndex)
        }
        // A path on this disk; `ollama:user/name:tag` is none.
        let isPath = !slashes.isEmpty && !text.lowercased().hasPrefix("ollama:")
        return isPath ? text.startIndex : text.endIndex
    }
}
