import Disk
import Foundation
import Modelteca
import SystemPackage

/// What `slm doctor --fix` does: all that costs nobody anything. Half downloads and kept versions stay.
struct DoctorFixes {
    let shelf: Shelf
    let console: Console

    /// What was fixed, and what of it could not be.
    func all() async -> [Checkup.Check] {
        [token(), await records(), await leftovers()].compactMap(\.self) + (await models())
    }

    /// A file with a token, and others who could read it.
    private func token() -> Checkup.Check? {
        guard let file = Self.openTokenFile(shelf.settings.credentials) else { return nil }
        let name = file.printable
        guard chmod(file, 0o600) == 0 else {
            let reason = Errno(rawValue: errno).words
            return .init(.token, .bad, "\(name): \(reason)")
        }
        return .init(
            .token, .fixed,
            say(en: "now only you can read \(name)", es: "ahora solo usted puede leer \(name)"))
    }

    /// The token's file, where others can read it.
    static func openTokenFile(_ credentials: Credentials) -> String? {
        guard let file = credentials.tokenFile, credentials.tokenSource == file,
            let status = FileStatus(of: FilePath(file)), status.kind == .file, status.isReadableByOthers
        else { return nil }
        return file
    }

    /// Records that cannot be read, where the index has what they said.
    private func records() async -> Checkup.Check? {
        let store = shelf.store
        do {
            let count = try await store.unreadableRecords().count
            guard count > 0 else { return nil }
            _ = try await store.reconcile()
            return .init(
                .index, .fixed,
                count == 1
                    ? say(en: "1 record written again", es: "1 registro escrito de nuevo")
                    : say(en: "\(count) records written again", es: "\(count) registros escritos de nuevo"))
        } catch {
            return .init(.index, Failure(error).message)
        }
    }

    /// What processes that died have left, and what belongs to no model.
    private func leftovers() async -> Checkup.Check? {
        guard let found = await Self.strays(in: shelf.store) else { return nil }
        do {
            let size = Language.current.bytes(try await shelf.store.prune(found).bytes)
            return .init(
                .leftovers, .fixed,
                say(en: "leftovers removed, \(size) freed", es: "sobras borradas, se liberaron \(size)"))
        } catch {
            return .init(.leftovers, Failure(error).message)
        }
    }

    /// What goes without a loss; nil where there is none, or where the store can only be read.
    static func strays(in store: Store) async -> Prunable? {
        guard store.layout.canBeWritten, let found = try? await store.prunable() else { return nil }
        let strays = found.leftovers.filter { $0.kind == .leftover || $0.kind == .orphan }
        return strays.isEmpty ? nil : Prunable(leftovers: strays)
    }

    /// Models that are not what was verified: read, and repaired from their origins.
    private func models() async -> [Checkup.Check] {
        let refs = ((try? await shelf.store.models()) ?? []).filter { $0.state != .ready }.map(\.ref)
        guard !refs.isEmpty else { return [] }
        let progress = ProgressLine(console, asJSON: false)
        do {
            let results = try await progress.during {
                try await shelf.verify(
                    refs, repair: !shelf.settings.isOffline,
                    onEvent: { event in
                        if case .transfer(let transfer) = event { progress.note(transfer) }
                    })
            }
            return results.filter { $0.state == .ready }.map { result in
                let size = Language.current.bytes(result.repaired)
                return .init(
                    .model, .fixed,
                    result.repaired > 0
                        ? say(
                            en: "\(result.ref): repaired, \(size) downloaded",
                            es: "\(result.ref): reparado, se descargaron \(size)")
                        : say(en: "\(result.ref): verified again", es: "\(result.ref): comprobado de nuevo"))
            }
        } catch {
            return [.init(.model, Failure(error).message)]
        }
    }
}
