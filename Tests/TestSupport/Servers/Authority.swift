import SystemPackage

/// A certificate authority that nobody knows, made with the openssl program; it signs for one key.
struct Authority {
    let folder: FilePath

    var certificate: FilePath { folder.appending("authority.pem") }

    init(in folder: FilePath) async throws {
        self.folder = folder
        try folder.appending("index.txt").write([])
        try folder.appending("authority.cnf").write(Array(Self.configuration.utf8))
        let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try await openssl(
            ["req", "-x509", "-config", "authority.cnf", "-extensions", "authority", "-days", "3650"]
                + ["-subj", "/CN=authority of a test", "-keyout", "authority.key", "-out", "authority.pem"] + newKey)
        try await openssl(
            ["req", "-config", "authority.cnf", "-subj", "/CN=server of a test"]
                + ["-keyout", "server.key", "-out", "server.csr"] + newKey)
    }

    /// Makes `NAME.pem`.
    ///
    /// - Parameters:
    ///   - hosts: As in `subjectAltName`.
    ///   - end: `YYYYMMDDHHMMSSZ`; the start is that of 2020.
    func issue(_ name: String, hosts: String, until end: String = "20491231235959Z") async throws {
        let extensions = "subjectAltName=\(hosts)\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
        try folder.appending("\(name).ext").write(Array(extensions.utf8))
        try await openssl([
            "ca", "-batch", "-notext", "-config", "authority.cnf", "-extfile", "\(name).ext",
            "-cert", "authority.pem", "-keyfile", "authority.key", "-in", "server.csr", "-out", "\(name).pem",
            "-startdate", "20200101000000Z", "-enddate", end,
        ])
    }

    private func openssl(_ arguments: [String]) async throws {
        guard let program = installedProgram("openssl") else { throw ProgramMissing(name: "openssl") }
        let result = try await RunningCommand.run(program, arguments, folder: folder)
        guard result.status == 0 else { throw Nginx.StartFailure(text: result.standardError) }
    }

    private static let configuration = """
        [req]
        distinguished_name = name
        [name]
        [authority]
        basicConstraints = critical,CA:TRUE
        keyUsage = critical,keyCertSign,cRLSign
        subjectKeyIdentifier = hash
        [ca]
        default_ca = here
        [here]
        database = index.txt
        new_certs_dir = .
        rand_serial = yes
        unique_subject = no
        default_md = sha256
        policy = any
        [any]
        commonName = supplied

        """
}
