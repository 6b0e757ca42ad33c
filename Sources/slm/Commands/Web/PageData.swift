import Foundation
import ModelShare
import Modelteca

/// What the page of `slm web` shows. All of it is the estimator's: the page compares and calculates nothing.
struct PageData: Encodable {
    /// More would be no page to read on a phone, and the numbers of models have two digits.
    static let mostModels = 1000

    /// Null where the browser decides.
    @OrNull var language: String?
    /// In tokens.
    var contexts: [Int]
    /// Names for `outcomes`.
    var verdicts: [String]
    /// Those that the catalog has.
    var groups: [ModelType]
    var devices: [Machine]
    var models: [Model]
    var licenses: [Terms]
    /// From, to, and how many digits to show.
    var rates: [[Double]?] = [nil]
    /// Numbers in base 36, one for each model: outcomes and orders of two digits, rates of three.
    var columns: [String] = []
    var words: [String: [String: String]]

    struct Machine: Encodable {
        var id: String
        var names: [String: String]
        var kind: String
        var isPhone: Bool
        /// What a model can have, in bytes: of the memory, of the card, of both.
        var rooms: [Int64?]
        /// Which context people have there who say nothing.
        var context: Int
        /// Places in `columns`, for each context: which outcome a model has, who is best, and how fast they are.
        var columns: [Int] = []
        var orders: [Int] = []
        var speeds: [Int] = []
    }

    struct Model: Encodable {
        var name: String
        var title: String
        @OrNull var developer: String?
        var type: ModelType
        var group: ModelType
        @OrNull var parameters: Int64?
        @OrNull var released: String?
        @OrNull var thinking: Thinking?
        var languages: [String]
        var license: Int
        @OrNull var page: String?
        /// The longest that it was made for; 0 where no source says.
        var context: Int
        var forms: [Form]
        /// For each context what a device may get: form, verdict, room, bytes.
        var outcomes: [[[Int64?]]]
    }

    struct Form: Encodable {
        var ref: String
        var quant: String
        @OrNull var bytes: Int64?
        var isEstimate: Bool
        var files: [File]
        /// The address of the first file as a QR code, and how many modules it has on a side.
        @OrNull var code: String?
        var side: Int

        struct File: Encodable {
            var name: String
            var url: String
            @OrNull var bytes: Int64?
        }

        init(_ variant: Variant) {
            ref = variant.ref
            quant = variant.quantization ?? ""
            let own = variant.withoutProjector.size
            // A projector of unknown size says nothing about the model's own file.
            let projectors = variant.files.filter { FileName($0.name)?.kind == .projector }
            bytes = (own ?? variant.estimatedSize).map { $0 + projectors.reduce(0) { $0 + ($1.size ?? 0) } }
            isEstimate = own == nil
            files = variant.files.map {
                File(name: $0.name, url: $0.url.withoutSecrets.absoluteString, bytes: $0.size)
            }
            let drawn = files.first.flatMap { QRCode($0.url) }
            code = drawn.map { Data($0.bits).base64EncodedString() }
            side = drawn?.size ?? 0
        }
    }

    struct Terms: Encodable {
        var name: String
        var url: String?
        var use: License.CommercialUse
        var short: [String: String]

        init(_ license: License) {
            let terms = LicenseTerms(license)
            (name, url, use) = (license.name, license.url, license.commercialUse)
            short = PageWords.inBoth { terms.short.plain }
        }
    }
}

extension PageData {
    /// - Parameter language: Nil where each reader's browser decides.
    init(_ grid: FitGrid, _ asked: [AskedDevice], _ catalog: Catalog, language: Language?) {
        self.language = language?.rawValue
        contexts = grid.contexts
        verdicts = FitReport.Verdict.allCases.map(\.rawValue)
        let types = Set(grid.models.map(\.entry.type.group))
        groups = ModelType.groups.filter(types.contains)
        words = PageWords.all
        let ids = grid.models.map(\.entry.license.id)
        let known = Set(ids).sorted()
        let places = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, $0) })
        licenses = known.map { id in Terms(grid.models[ids.firstIndex(of: id) ?? 0].entry.license) }
        models = grid.models.map { Model($0, license: places[$0.entry.license.id] ?? 0) }
        devices = asked.map { Machine($0, contexts: grid.contexts) }
        var pool = Pool()
        var rated: [[Double]: Int] = [:]
        for (device, columns) in grid.devices.enumerated() {
            for (step, column) in columns.enumerated() {
                let outcomes = column.rows.enumerated().map { place, row in models[place].note(row, at: step) }
                devices[device].columns.append(pool.place(of: outcomes, digits: 2))
                devices[device].orders.append(pool.place(of: column.order, digits: 2))
                let speeds = column.rows.map { row in
                    guard let rate = row.speed.map(Self.shown) else { return 0 }
                    if rated[rate] == nil {
                        rated[rate] = rates.count
                        rates.append(rate)
                    }
                    return rated[rate] ?? 0
                }
                devices[device].speeds.append(pool.place(of: speeds, digits: 3))
            }
        }
        self.columns = pool.columns
    }

    /// As tables show it.
    private static func shown(_ speed: ClosedRange<Double>) -> [Double] {
        let digits = Language.digits(of: speed)
        let scale = digits == 0 ? 1.0 : 10
        return [
            (speed.lowerBound * scale).rounded() / scale, (speed.upperBound * scale).rounded() / scale, Double(digits),
        ]
    }

    /// Columns, each kept once: many devices have the same memory.
    private struct Pool {
        private(set) var columns: [String] = []
        private var places: [String: Int] = [:]

        mutating func place(of numbers: [Int], digits: Int) -> Int {
            let column = numbers.map { number in
                let text = String(number, radix: 36)
                return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
            }.joined()
            if let place = places[column] { return place }
            places[column] = columns.count
            columns.append(column)
            return columns.count - 1
        }
    }
}

extension PageData.Machine {
    fileprivate init(_ asked: AskedDevice, contexts: [Int]) {
        let device = asked.device
        id = asked.name ?? "here"
        names = PageWords.inBoth {
            let facts = DeviceFacts(device, profile: asked.profile, store: ".")
            guard let name = asked.name else { return say(en: "This device: ", es: "Este equipo: ") + facts.parts }
            return "\(name) · \(facts.kind)"
        }
        kind = asked.profile == nil ? "here" : device.deviceClass?.rawValue ?? "custom"
        isPhone = device.deviceClass?.runsApps == true
        let budget = Budget(device: device)
        rooms = Budget.Room.allCases.map(budget.bytes)
        context = contexts.firstIndex(of: ContextOption.usual(on: device)) ?? 0
    }
}

extension PageData.Model {
    fileprivate init(_ model: FitGrid.Model, license: Int) {
        let entry = model.entry
        name = entry.ref
        title = "\(entry.familyName) \(entry.label)"
        developer = entry.developer
        (type, group) = (entry.type, entry.type.group)
        parameters = entry.parameters
        released = entry.released
        thinking = entry.thinking == .never ? nil : entry.thinking
        languages =
            (entry.languages ?? []) + (entry.languages?.contains("es") != true && entry.knows("es") ? ["es"] : [])
        self.license = license
        page = entry.page
        context = entry.shape?.contextLength ?? entry.contextLength ?? 0
        forms = model.forms.map(PageData.Form.init)
        outcomes = []
    }

    /// Where an outcome stands among those of its context.
    fileprivate mutating func note(_ row: FitGrid.Row, at step: Int) -> Int {
        while outcomes.count <= step { outcomes.append([]) }
        func place<Case: Equatable>(_ item: Case, in all: [Case]) -> Int64 { Int64(all.firstIndex(of: item) ?? 0) }
        let outcome = [
            Int64(row.form), place(row.verdict, in: FitReport.Verdict.allCases),
            place(row.room, in: Budget.Room.allCases), row.required,
        ]
        if let known = outcomes[step].firstIndex(of: outcome) { return known }
        outcomes[step].append(outcome)
        return outcomes[step].count - 1
    }
}
