/// What `loopback-hub` was asked to do.
struct Options {
    var port: UInt16 = 0
    var cdnPort: UInt16 = 0
    var root: String?
    var readyFile: String?
    /// In seconds.
    var maxSeconds = 3600
    var dropAfter: Int?
    var times: Int?
    /// In bytes a second.
    var slow: Int?

    static let usage = """
        usage: loopback-hub [--root DIR] [--port N] [--cdn-port N] [--ready-file FILE] [--max-seconds N]
                            [--drop-after BYTES [--times N]] [--slow BYTES-PER-SECOND]

        Serves a Hugging Face Hub with its CDN on 127.0.0.1, without --root with small demonstration models.
        DIR holds hf/OWNER/REPO/… and files/…. The first line on standard output is a JSON object with
        `hub`, `cdn` and `pid`; set HF_ENDPOINT to `hub`. POST {"op": "drop", "after": 100000, "times": 1} to
        /__control to break a transfer, {"op": "commit", "repo": "demo/tiny-llama-GGUF"} to upload a file anew,
        {"op": "clear"} to be honest again; GET /__log shows the requests.
        """

    /// An argument that is not understood.
    struct Failure: Error { let argument: String }

    init(parsing arguments: [String]) throws(Failure) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Failure(argument: name) }
            switch name {
            case "--root": root = value
            case "--ready-file": readyFile = value
            case "--port": port = try Self.number(name, value)
            case "--cdn-port": cdnPort = try Self.number(name, value)
            case "--max-seconds": maxSeconds = try Self.number(name, value)
            case "--drop-after": dropAfter = try Self.number(name, value)
            case "--times": times = try Self.number(name, value)
            case "--slow": slow = try Self.number(name, value)
            default: throw Failure(argument: name)
            }
        }
    }

    private static func number<Number: FixedWidthInteger>(_ name: String, _ value: String) throws(Failure) -> Number {
        guard let number = Number(value), number >= 0 else { throw Failure(argument: "\(name) \(value)") }
        return number
    }
}
