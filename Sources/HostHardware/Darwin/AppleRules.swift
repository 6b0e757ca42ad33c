/// What is known of Apple's machines without asking them. Compiled everywhere, so that it is tested everywhere.
package enum AppleRules {
    /// The share of unified memory that Metal recommends as a working set, in bytes: 74 % below 36 GiB, 84 % from there,
    /// unless the owner set another limit. For devices that cannot be asked.
    ///
    /// Apple documents the question (`MTLDevice.recommendedMaxWorkingSetSize`), not the fraction, which grew with system
    /// versions. These are what users report of machines of 2025 and later: 11.84 of 16 GiB (AlexsJones/llmfit#754),
    /// 107.52 of 128 GiB (antirez/ds4#893). Systems of 2023 gave two thirds and three quarters: 22,906.50 MB of 32 GiB,
    /// 51,539.61 MB of 64 GiB in llama.cpp's logs; that the fraction changes at 36 GiB is inferred from those.
    ///
    /// - Parameter wiredLimit: The `iogpu.wired_limit_mb` setting, in MiB; 0 means that nobody set it.
    package static func workingSet(ramTotal: Int64, wiredLimit: Int64? = nil) -> Int64 {
        if let wiredLimit, wiredLimit > 0 {
            let (bytes, overflow) = wiredLimit.multipliedReportingOverflow(by: 1 << 20)
            return overflow ? ramTotal : min(bytes, ramTotal)
        }
        return ramTotal / 100 * (ramTotal < 36 << 30 ? 74 : 84)
    }

    /// From the model identifier (`hw.model`: `MacBookPro18,3`, `Mac14,2`, `iPhone15,2`); nil for one not known here.
    ///
    /// Source: Apple Support's "Identify your …" pages, one a product line.
    package static func deviceClass(model: String) -> DeviceClass? {
        if model.hasPrefix("iPhone") || model.hasPrefix("iPod") { return .phone }
        if model.hasPrefix("iPad") { return .tablet }
        if model.hasPrefix("MacBook") { return .laptop }
        if model.hasPrefix("MacPro") { return .workstation }
        if model.hasPrefix("Macmini") || model.hasPrefix("iMac") { return .desktop }
        // Since 2022 the identifier no longer says which product it is.
        return switch model {
        case "Mac13,1", "Mac13,2", "Mac14,8", "Mac14,13", "Mac14,14", "Mac15,14", "Mac16,9": .workstation
        case "Mac14,3", "Mac14,12", "Mac15,4", "Mac15,5", "Mac16,2", "Mac16,3", "Mac16,10", "Mac16,11": .desktop
        case "Mac14,2", "Mac14,5", "Mac14,6", "Mac14,7", "Mac14,9", "Mac14,10", "Mac14,15", "Mac15,3", "Mac15,6",
            "Mac15,7", "Mac15,8", "Mac15,9", "Mac15,10", "Mac15,11", "Mac15,12", "Mac15,13", "Mac16,1", "Mac16,5",
            "Mac16,6", "Mac16,7", "Mac16,8", "Mac16,12", "Mac16,13":
            .laptop
        default: nil
        }
    }

    /// The kernel's switches for processor features, beside the names of ``ProcessorText/featureNames``.
    ///
    /// Source: Apple, "Determining instruction set characteristics".
    package static let features: [(name: String, setting: String)] = [
        ("sse3", "hw.optional.sse3"), ("ssse3", "hw.optional.supplementalsse3"),
        ("avx", "hw.optional.avx1_0"), ("f16c", "hw.optional.f16c"), ("fma", "hw.optional.fma"),
        ("bmi2", "hw.optional.bmi2"), ("avx2", "hw.optional.avx2_0"), ("avx512f", "hw.optional.avx512f"),
        ("avx512bw", "hw.optional.avx512bw"), ("avx512dq", "hw.optional.avx512dq"),
        ("avx512vl", "hw.optional.avx512vl"), ("avx512vbmi", "hw.optional.avx512vbmi"),
        ("neon", "hw.optional.AdvSIMD"), ("asimdhp", "hw.optional.arm.FEAT_FP16"),
        ("asimddp", "hw.optional.arm.FEAT_DotProd"), ("i8mm", "hw.optional.arm.FEAT_I8MM"),
        ("bf16", "hw.optional.arm.FEAT_BF16"), ("sme", "hw.optional.arm.FEAT_SME"),
    ]
}
