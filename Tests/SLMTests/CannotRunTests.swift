import Foundation
import HostHardware
import Modelteca
import SystemPackage
import TestSupport
import Testing

@testable import slm

/// What llama.cpp does not run: `fit`, `show` and `get` say so, and why.
@Suite struct CannotRunTests {
    private static let lora: [UInt8] = {
        var builder = GGUFBuilder()
        builder.metadata = [("general.architecture", .string("llama")), ("general.type", .string("adapter"))]
        builder.tensors = [GGUFBuilder.Tensor("blk.0.attn_q.weight.lora_a", [64, 16], .f32)]
        return builder.build()
    }()

    /// Parts of one split model.
    private static func parts(_ count: Int) -> [[UInt8]] {
        (0..<count).map { index in
            var builder = index == 0 ? GGUFBuilder.tinyLlama() : GGUFBuilder()
            if index > 0 { builder.tensors = [GGUFBuilder.Tensor("blk.9.ffn_up.\(index).weight", [256, 4096], .f32)] }
            builder.metadata += [
                ("split.no", .uint16(UInt16(index))), ("split.count", .uint16(UInt16(count))),
                ("split.tensors.count", .int32(Int32(GGUFBuilder.tinyLlama().tensors.count + count - 1))),
            ]
            return builder.build()
        }
    }

    @Test func `an adapter is no model, in both languages, with an exit status of 1`() async throws {
        try await withProgram { program in
            try program.folder.appending("style.gguf").write(Self.lora)
            let said = try await program.run("fit", "./style.gguf")
            #expect(said.status == 1)
            #expect(said.standardOutput.contains("adapter (LoRA)"))
            let spanish = try await program.run("show", "./style.gguf", language: "es")
            #expect(spanish.standardOutput.contains("adaptador (LoRA)"))
            let json = try JSON(parsing: try await program.run("fit", "./style.gguf", "--json").standardOutput)
            #expect(json["fit"]?["verdict"]?.text == "cannot-run")
            #expect(json["fit"]?["reasons"]?.elements.compactMap(\.text) == ["adapter"])
            #expect(try await program.json("show", "./style.gguf")["cannotRun"]?.text == "adapter")
        }
    }

    @Test func `a header that was read counts more than a name`() async throws {
        try await withProgram { program in
            try program.folder.appending("m-Q4_0_4_4.gguf").write(GGUFBuilder.tinyLlama().build())
            #expect(try await program.json("fit", "./m-Q4_0_4_4.gguf")["fit"]?["verdict"]?.text == "fits")
        }
    }

    @Test func `all parts of a split model are judged, and a missing one is named`() async throws {
        try await withProgram { program in
            let parts = Self.parts(3)
            let names = (1...3).map { "m-Q8_0-0000\($0)-of-00003.gguf" }
            for (name, bytes) in zip(names, parts) { try program.folder.appending(name).write(bytes) }
            let whole = try await program.json("fit", "./\(names[0])")
            #expect((whole["memory"]?["weightsBytes"]?.integer ?? 0) >= 2 * 256 * 4096 * 4)
            #expect(try await program.json("fit", "./\(names[2])")["memory"] == whole["memory"])
            try program.folder.appending(names[1]).write(parts[2])
            let differs = try JSON(parsing: try await program.run("fit", "./\(names[0])", "--json").standardOutput)
            #expect(differs["fit"]?["reasons"]?.elements.compactMap(\.text) == ["split-parts-differ"])
            try FileManager.default.removeItem(atPath: program.folder.appending(names[1]).string)
            let lacking = try await program.run("fit", "./\(names[0])")
            #expect(lacking.status == 1)
            #expect(lacking.standardOutput.contains(names[1]))
        }
    }

    @Test func `words for cards that are not used, quotas and huge pages are in both languages`() throws {
        let device = Device(
            ramTotal: 64 << 30, cpu: Device.CPU(logicalCores: 2, quota: 1.5),
            gpus: [
                Device.GPU(name: "Arc", vram: nil, backend: "vulkan"),
                Device.GPU(name: "RTX", vram: 8 << 30, backend: "cuda"),
            ],
            ramReserved: 48 << 30,
            unusedGPUs: [
                Device.UnusedGPU(name: "A", reason: .hidden(by: "CUDA_VISIBLE_DEVICES")),
                Device.UnusedGPU(name: "B", reason: .noDriver("nouveau")),
                Device.UnusedGPU(name: "C", reason: .noSlice),
                Device.UnusedGPU(name: "D", reason: .besideSlice),
            ])
        func page(_ language: Language) -> String {
            Language.$current.withValue(language) {
                var page = Page(width: 100, paint: Paint(isOn: false))
                ThisDevice(device: DeviceFacts(device, store: "/none"), store: "/none").draw(on: &page)
                return page.text
            }
        }
        for word in [
            "hidden by CUDA_VISIBLE_DEVICES", "nouveau", "not counted", "1.50 processors", "51.5 GB as huge",
            "7.5 GB for a model",
        ] {
            #expect(page(.en).contains(word), "\(word)")
        }
        for word in ["oculta por CUDA_VISIBLE_DEVICES", "no se cuenta", "1,50 procesadores", "páginas grandes"] {
            #expect(page(.es).contains(word), "\(word)")
        }
        let facts = try JSON(parsing: try JSONOutput.document(DeviceFacts(device, store: "/none")))
        #expect(
            facts["unusedGPUs"]?.elements.compactMap { $0["reason"]?.text } == [
                "hidden", "no-driver", "no-slice", "beside-slice",
            ])
        #expect(facts["ramUsableBytes"]?.integer == 16 << 30)
        #expect(facts["gpus"]?.elements.map { $0["budgetBytes"] } == [.null, .integer(7 << 30)])
    }
}
