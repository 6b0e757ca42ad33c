public import CurlHTTP
public import Disk
public import Threads

/// An error with a name for scripts. They match on it, so it is never translated and never changes.
public protocol CodedError: Error {
    /// Lower case, words joined by hyphens: `digest-mismatch`.
    var code: String { get }
}

extension CatalogError: CodedError {}
extension CatalogUpdateError: CodedError {}
extension DownloadError: CodedError {}
extension FileNameFault: CodedError {}
extension GGUFError: CodedError {}
extension HTTPError: CodedError {}
extension HubError: CodedError {}
extension ExportError: CodedError {}
extension ImportError: CodedError {}
extension LinkError: CodedError {}
extension MemoryEstimateError: CodedError {}
extension ModeltecaError: CodedError {}
extension ReferenceError: CodedError {}
extension RegistryError: CodedError {}
extension SettingsFault: CodedError {}
extension StoreError: CodedError {}
extension ThreadError: CodedError {}
