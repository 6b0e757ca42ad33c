internal import CurlHTTP
internal import ModelCatalog
internal import ModelDownload
internal import ModelFit
internal import ModelHub
internal import ModelStore

/// The form of a model that a `get` is to bring.
struct Chosen {
    var fit: FitReport
    /// As its origin has it now, or as it is stored.
    var variant: Variant
    /// Why the origin has no part in it; nil when it was asked.
    var originFailure: (any Error)?
}

extension Shelf {
    /// Finds out what a reference means, which form of it is best here, and what its origin has of that now. Of an origin
    /// that has the model no more, or gives no answer, nothing is needed where the model is stored and proven.
    ///
    /// - Throws: what `resolve` and `confirm` throw.
    func choose(
        _ reference: ModelReference, _ options: GetOptions, onEvent: (GetEvent) -> Void = { _ in }
    ) async throws -> Chosen {
        var fitting: Variant?
        do {
            let offer = try await resolve(reference).with(projectors: options.withProjector)  // ModelCatalog, ModelHub
            if offer.unreadable > 0 { onEvent(.unreadable(entries: offer.unreadable, repository: offer.name)) }
            let fit = offer.best(on: device, for: options.workload ?? .usual(on: device))  // ModelFit
            fitting = fit.variant
            return Chosen(fit: fit, variant: try await confirm(fit.variant, of: offer, options))  // ModelHub
        } catch  where error.leavesTheStored {
            guard let here = try await standIn(for: reference, fitting, options) else { throw error }
            let offer = Offer(reference: reference, name: here.ref, models: [[Variant(restoring: here)]])
            let fit = offer.best(on: device, for: options.workload ?? .usual(on: device))
            return Chosen(fit: fit, variant: fit.variant, originFailure: error)
        }
    }

    /// The stored model that is meant, if all of it is proven and nobody has written to it since.
    ///
    /// - Parameter variant: The form that was chosen, where it came to that.
    private func standIn(
        for reference: ModelReference, _ variant: Variant?, _ options: GetOptions
    ) async throws -> StoredModel? {
        var found: StoredModel?
        if let variant { found = try await store.model(named: variant.ref) }
        // A form that has no file yet, and one that nobody could choose, may be whichever is here.
        if found == nil, variant?.files.isEmpty ?? true { found = try await stored(reference.description) }
        guard let here = found, here.state == .ready, here.verifiedAt != nil else { return nil }
        if let digest = options.digest, here.files.map(\.digest) != [digest] { return nil }
        // What is held at one revision is not what goes by none.
        if case .hub(let asked) = reference, case .hub(let has)? = here.reference, asked.revision != has.revision {
            return nil
        }
        return here
    }
}

extension Error {
    /// Whether an origin has a model no more, or did not say what it has: what is stored stays what can be had of it.
    fileprivate var leavesTheStored: Bool {
        let error: any Error = self
        switch error {
        case let error as HTTPError:
            return switch error {
            case .outOfFiles, .unsupported, .stoppedByReceiver, .tooLarge: false
            default: true
            }
        case let error as HubError:
            return switch error {
            case .unsafeName, .noQuantizationsOf, .unsupportedOrigin: false
            default: true
            }
        case let error as RegistryError:
            return switch error {
            case .digestMismatch, .digestUnsupported, .unsafeName: false
            default: true
            }
        default: return false
        }
    }
}
