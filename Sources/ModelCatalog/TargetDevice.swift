/// The least kind of device a model is meant for; the raw values are those of the contract's `deviceClass`.
///
/// A judgement of the catalog's by parameter count (at four bits a weight): phone up to 2.0 billion, single-board
/// computer 3.2, tablet 4.7, laptop 10, desktop 16, workstation 35, server beyond. What a given device can really
/// run is for the memory estimate to say.
public enum TargetDevice: String, Hashable, Sendable, Codable, CaseIterable {
    case phone, tablet, sbc, laptop, desktop, workstation, server
}
