public import HostHardware
public import LlamaMemory

extension Workload {
    /// As SmolChat and apps like it run a model: llama.cpp's C interface with a new chat's context of 2,048 tokens
    /// (`shubham0204/SmolChat-Android`, `data/Chat`: `contextSize = 2048`). It reads text alone, without a projector.
    public static let phoneApp = {
        var workload = Workload(contextLength: 2048, runtime: .library)
        workload.loadsProjector = false
        return workload
    }()

    /// What a person has in mind who says nothing: a conversation of some pages, 4,096 tokens, and models made for less
    /// have their own; on phones and tablets as apps there run it.
    public static func usual(on device: Device) -> Workload {
        var workload = device.deviceClass?.runsApps == true ? phoneApp : Workload(contextLength: 4096)
        workload.contextMayShrink = true
        return workload
    }
}

extension DeviceClass {
    /// Whether models run there inside an app, not in a program of one's own.
    package var runsApps: Bool { self == .phone || self == .tablet }
}
