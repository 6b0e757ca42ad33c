import Foundation
import SystemPackage

/// The user's browser.
enum Browser {
    /// Shows an address in it, where there is a screen; whoever has none opens it elsewhere.
    static func open(_ address: String) {
        #if os(macOS)
            let opener = program("open")
        #else
            let hasScreen = ["DISPLAY", "WAYLAND_DISPLAY"].contains { environment[$0]?.isEmpty == false }
            let opener = hasScreen ? program("xdg-open") : nil
        #endif
        if let opener { start(opener, address) }
    }

    /// Starts a program that says nothing here.
    private static func start(_ program: FilePath, _ argument: String) {
        #if os(macOS)
            var actions: posix_spawn_file_actions_t?
        #else
            var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
        }
        var process = pid_t()
        let words = [strdup(program.string), strdup(argument), nil]
        defer { for word in words { free(word) } }
        posix_spawn(&process, program.string, &actions, nil, words, environ)
    }
}
