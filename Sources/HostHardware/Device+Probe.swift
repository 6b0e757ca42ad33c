extension Device {
    /// This machine, as far as it lets itself be known.
    ///
    /// Never fails: what cannot be learned is nil. Starts no process and takes a few milliseconds
    /// (more on the first call where an NVIDIA driver has to wake its card).
    public static func probe() -> Device {
        #if canImport(Darwin)
            DarwinProbe().device()
        #else
            LinuxProbe().device()
        #endif
    }

    /// The architecture that this program was built for.
    static var builtFor: String? {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "arm64"
        #elseif arch(i386)
            "i686"
        #elseif arch(arm)
            "arm"
        #else
            nil
        #endif
    }
}
