/// The variables with which people hide graphics cards from programs.
enum VisibleDevices {
    static let cuda = "CUDA_VISIBLE_DEVICES"
    static let rocr = "ROCR_VISIBLE_DEVICES"
    static let hip = "HIP_VISIBLE_DEVICES"
    static let vulkan = "GGML_VK_VISIBLE_DEVICES"

    /// The devices that a list names, in its order: by number, or by the beginning of an identity (`GPU-8932f937`).
    ///
    /// CUDA and ROCm stop at the first that is none: `-1` and an empty list hide everything.
    /// Sources: CUDA C++ Programming Guide, "CUDA environment variables"; ROCR-Runtime, `amd_filter_device.cpp`.
    /// - Parameters:
    ///   - count: How many have numbers; those behind them have an identity only.
    ///   - ids: The identities of all, numbered or not.
    static func indices(_ list: String, numbered count: Int, ids: [String]) -> [Int] {
        var indices: [Int] = []
        for word in list.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmingBlanks) {
            let wanted = word.uppercased()
            let isID = wanted.hasPrefix("GPU-") || wanted.hasPrefix("MIG-")
            let index = isID ? ids.firstIndex { $0.uppercased().hasPrefix(wanted) } : Int(word)
            guard let index, ids.indices.contains(index), isID || index < count else { break }
            if !indices.contains(index) { indices.append(index) }
        }
        return indices
    }

    /// What ROCm leaves of AMD's cards. HIP numbers what the runtime below it has left, takes CUDA's variable where it
    /// has none of its own, and an empty one for none.
    ///
    /// Source: ROCm's clr, `rocclr/device/rocm/rocdevice.cpp`, `Device::init`.
    /// - Returns: For each card the variable that hides it, or nil.
    static func hiders(ids: [String], _ variable: (String) -> String?) -> [String?] {
        var hiders = [String?](repeating: rocr, count: ids.count)
        var left = variable(rocr).map { indices($0, numbered: ids.count, ids: ids) } ?? Array(ids.indices)
        let second = [hip, cuda].compactMap { name in variable(name).map { (name, $0) } }.first { !$0.1.isEmpty }
        if let (name, list) = second {
            let seen = indices(list, numbered: left.count, ids: left.map { ids[$0] }).map { left[$0] }
            for index in left where !seen.contains(index) { hiders[index] = name }
            left = seen
        }
        for index in left { hiders[index] = nil }
        return hiders
    }

    /// The numbers that llama.cpp's Vulkan part takes, which gives up at the first that is too large.
    ///
    /// Source: llama.cpp, `ggml/src/ggml-vulkan/ggml-vulkan.cpp`, `ggml_vk_instance_init`.
    static func vulkanIndices(_ list: String, count: Int) -> [Int] {
        let words = list.split { $0 == "," || $0.isWhitespace }.map { Int($0) }
        return words.allSatisfy { $0.map { (0..<count).contains($0) } ?? false } ? words.compactMap(\.self) : []
    }
}
