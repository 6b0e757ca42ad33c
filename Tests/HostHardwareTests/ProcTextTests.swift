import HostHardware
import Testing

@Suite struct ProcTextTests {
    @Test func `an old kernel's available memory is added up from free memory and cache`() {
        let memory = ProcText.memory(
            """
            MemTotal:        2073540 kB
            MemFree:          500000 kB
            Buffers:           60000 kB
            Cached:           900000 kB
            Shmem:            100000 kB
            """)
        #expect(memory.available == kibibytes(1_300_000))
        #expect(memory.swapTotal == nil)
    }

    private static let lists: [(text: String, processors: Set<Int>)] = [
        ("0-3", [0, 1, 2, 3]), ("0", [0]), ("0-1,4,6-7\n", [0, 1, 4, 6, 7]), ("", []), ("3-1", []), ("-1", []),
        ("0-99999999", []), ("a-b", []), ("1,,2", [1, 2]),
    ]

    @Test(arguments: lists)
    func `a list of processors is read or refused whole`(text: String, processors: Set<Int>) {
        #expect(ProcText.processorList(text) == processors)
    }

    @Test(arguments: [
        ("0x41", "0xd08", "Cortex-A72"), ("0x41", "0xd03", "Cortex-A53"), ("0x51", "0x804", "Kryo 4xx Gold"),
        ("0x61", "0x023", "Firestorm (M1)"), ("0x41", "0xfff", "ARM 0x41/0xfff"), ("", "0xd08", "ARM 0xd08"),
    ])
    func `an ARM core is named by its numbers`(implementer: String, part: String, name: String) {
        let text = "processor : 0\nCPU implementer : \(implementer)\nCPU part : \(part)\n"
        #expect(ProcessorText(parsing: text).model == name)
    }

    @Test func `a Raspberry Pi's old chip field does not stand for its cores`() {
        let text = """
            processor\t: 0
            model name\t: ARMv7 Processor rev 3 (v7l)
            Features\t: half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt vfpd32 lpae evtstrm crc32
            CPU implementer\t: 0x41
            CPU architecture: 7
            CPU part\t: 0xd08

            Hardware\t: BCM2835
            Model\t\t: Raspberry Pi 4 Model B Rev 1.4
            """
        let processor = ProcessorText(parsing: text)
        #expect(processor.model == "Cortex-A72")
        #expect(processor.board == "Raspberry Pi 4 Model B Rev 1.4")
        #expect(processor.features == ["neon"])
        #expect(processor.architecture == "arm")
    }

    @Test func `two packages with the same core numbers are different cores`() {
        let blocks = (0..<4).map { "processor : \($0)\nphysical id : \($0 / 2)\ncore id : \($0 % 2)\n" }
        #expect(Set(ProcessorText(parsing: blocks.joined(separator: "\n")).cores.values).count == 4)
    }

    @Test func `a server's matrix instructions are among the features`() {
        let text = "processor : 0\nflags : fpu lm pni avx2 avx512f avx512_bf16 amx_bf16 amx_tile amx_int8 hypervisor\n"
        let processor = ProcessorText(parsing: text)
        #expect(
            processor.features == ["sse3", "avx2", "avx512f", "avx512_bf16", "amx_tile", "amx_int8", "amx_bf16"])
        #expect(processor.isVirtual)
    }
}
