package import HostHardware
public import LlamaMemory

extension Workload {
    /// As SmolChat and apps like it run a model: llama.cpp's C interface with a new chat's context of 2,048 tokens
    /// (`shubham0204/SmolChat-Android`, `data/Chat`: `contextSize = 2048`). It reads text alone, without a projector.
    public static let phoneApp = {
        var workload = Workload(contextLength: 2048, runtime: .library)
        workload.loadsProjector = false
        return workload
    }()
}

extension DeviceClass {
    /// Whether models run there inside an app, not in a program of one's own.
    package var runsApps: Bool { self == .phone || self == .tablet }
}
