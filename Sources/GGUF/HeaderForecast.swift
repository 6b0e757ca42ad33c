/// How much of a header is still to come, from what was seen of it: rather too little than too much, because what was
/// read in vain cannot be given back and what is missing costs one more request.
///
/// The numbers are those of the vocabularies that llama.cpp's own tests have (`models/ggml-vocab-*.gguf`).
struct HeaderForecast {
    /// Pairs of a key and a value that were not begun.
    var keys: Int64 = 0
    /// Entries of the tensor list that were not begun.
    var tensors: Int64 = 0

    /// What arrays that belong to the vocabulary and were not seen yet will take, in bytes.
    private var vocabulary: Int64 = 0
    /// What a piece of the vocabulary took on average, in bytes with its length; 0 before it was read.
    private var pieceSize = 0.0
    private var array = TextArray()

    /// The array of texts that is being read.
    private struct TextArray {
        var count: Int64 = 0
        var isVocabulary = false
        var isMerges = false
    }

    /// Behind what is being read, in bytes.
    var rest: Int64 { vocabulary + keys * 40 + tensors * 60 }

    /// An array of numbers is being passed.
    mutating func passes(numbers count: Int64, of key: String) {
        guard key.hasSuffix(".token_type") || key.hasSuffix(".scores") else { return }
        vocabulary = max(0, vocabulary - count * 4)
    }

    /// An array of texts begins; `model` is the kind of tokenizer.
    mutating func begins(texts count: Int64, of key: String, model: String?) {
        array = TextArray(count: count, isVocabulary: key.hasSuffix(".tokens"), isMerges: key.hasSuffix(".merges"))
        guard array.isVocabulary else { return }
        // A type for each piece, and a score where the tokenizer has them. Merges are not counted: nothing says how
        // many there are, from as many as pieces to twice that.
        let hasScores = ["llama", "t5", "gemma4"].contains(model)
        vocabulary = count * (hasScores ? 8 : 4)
    }

    /// Behind the text at `index`, when the ones before it took `size` bytes.
    func rest(after index: Int64, taking size: Int64) -> Int64 {
        var mean = index == 0 ? 16 : Double(size) / Double(index)
        // A merge is a piece with a space in it, but the first merges make short pieces.
        let isKnown = array.isMerges && pieceSize > 0
        if isKnown { mean = max(mean, pieceSize) }
        // Pieces get longer along the list, except where single characters or unused places end it.
        let part = isKnown || index > array.count / 2 ? 0.95 : 0.85
        return rest + Int64(Double(array.count - index) * mean * part)
    }

    /// The array of texts has been passed.
    mutating func ends(taking size: Int64) {
        if array.isVocabulary, array.count > 0 { pieceSize = Double(size) / Double(array.count) }
    }
}
