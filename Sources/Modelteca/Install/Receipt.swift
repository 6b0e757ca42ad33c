public import ModelCatalog
public import ModelDownload
package import ModelFit
public import ModelStore

/// What a `get` did.
public struct Receipt: Sendable {
    /// As it is in the store now.
    public var model: StoredModel
    /// The form that was chosen.
    public var variant: Variant
    /// Why that one; nil where there was no choice.
    package var choice: FormChoice?
    /// Whether everything was here before.
    public var wasThere: Bool
    /// Why the origin could not be asked, or that it has the model no more: then this is what was stored and proven
    /// before. Nil when it was asked.
    public var originFailure: (any Error)?
    /// The weakest proof among its files.
    public var proof: VerifiedFile.Proof
    /// Bytes that came over the network.
    public var fetched: Int64
    /// Bytes that an earlier run had left.
    public var resumed: Int64
    /// From the first request to the index, in seconds.
    public var seconds: Double

    init(_ installed: Installation, _ chosen: Chosen, since start: ContinuousClock.Instant) {
        let files = installed.fetched ?? []
        let proofs = installed.model.files.map(\.proof)
        model = installed.model
        (variant, choice, originFailure) = (chosen.variant, chosen.fit.choice, chosen.originFailure)
        wasThere = files.isEmpty
        proof = proofs.contains(.none) ? .none : proofs.contains(.size) ? .size : .sha256
        fetched = files.reduce(0) { $0 + $1.fetched }
        resumed = files.reduce(0) { $0 + $1.resumed }
        seconds = (ContinuousClock.now - start).seconds
    }
}

extension Duration {
    /// As a plain number.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
