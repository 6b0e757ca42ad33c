internal import CCurl
internal import Disk
internal import SystemPackage

/// The certificates that this system trusts.
enum SystemCertificates {
    /// Nil where libcurl knows the place by itself. One that is linked into a program for any Linux does not: systems keep
    /// them in different places.
    static let file: String? = {
        #if os(Linux)
            guard let version = curl_version_info(CURLVERSION_SEVENTH)?.pointee,
                version.age.rawValue >= CURLVERSION_SEVENTH.rawValue, version.cainfo == nil, version.capath == nil
            else { return nil }
            return places.first { FileStatus(of: $0) != nil }?.string
        #else
            return nil
        #endif
    }()

    /// Debian and Arch; Fedora and RHEL; openSUSE; others of the kind.
    private static let places: [FilePath] = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
    ]
}
