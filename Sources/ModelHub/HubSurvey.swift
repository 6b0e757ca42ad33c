internal import Foundation

/// What repositories of the Hub have at one time: each was asked once, however many stored models came from it.
package struct HubSurvey: Sendable {
    /// A repository, and what of it was looked at.
    package struct Place: Hashable, Sendable {
        let id: String
        /// Branch, tag or commit; nil for the default branch.
        let revision: String?

        package init(id: String, revision: String?) { (self.id, self.revision) = (id, revision) }
    }

    var answers: [Place: Result<ModelInfo, any Error>] = [:]
}

extension Hub {
    /// Asks for repositories, a few at a time.
    ///
    /// - Returns: What they said. What could not be had is thrown to whoever looks for it.
    package func survey(_ places: Set<HubSurvey.Place>, atOnce width: Int = 8) async -> HubSurvey {
        await withTaskGroup(of: (HubSurvey.Place, Result<ModelInfo, any Error>).self) { group in
            var waiting = places.makeIterator()
            func addNext() {
                guard let place = waiting.next() else { return }
                group.addTask {
                    do {
                        return (place, .success(try await huggingFace.model(place.id, revision: place.revision)))
                    } catch {
                        return (place, .failure(error))
                    }
                }
            }
            for _ in 0..<max(1, width) { addNext() }
            var survey = HubSurvey()
            while let (place, answer) = await group.next() {
                survey.answers[place] = answer
                addNext()
            }
            return survey
        }
    }
}
