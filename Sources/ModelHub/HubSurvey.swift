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
        // With tuples for the children's results, and a local function that adds to the group, the program that Swift 6.3
        // optimized copied a freed string here and crashed. Which of the two it was is not known.
        await withTaskGroup(of: Answer.self) { group in
            var waiting = places.makeIterator()
            for _ in 0..<max(1, width) {
                guard let place = waiting.next() else { break }
                group.addTask { await answer(of: place) }
            }
            var survey = HubSurvey()
            while let answer = await group.next() {
                survey.answers[answer.place] = answer.result
                if let place = waiting.next() { group.addTask { await self.answer(of: place) } }
            }
            return survey
        }
    }

    private struct Answer: Sendable {
        let place: HubSurvey.Place
        let result: Result<ModelInfo, any Error>
    }

    private func answer(of place: HubSurvey.Place) async -> Answer {
        do {
            return Answer(
                place: place, result: .success(try await huggingFace.model(place.id, revision: place.revision)))
        } catch {
            return Answer(place: place, result: .failure(error))
        }
    }
}
