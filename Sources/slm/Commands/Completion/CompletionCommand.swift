import ArgumentParser

/// `slm completion`: what a shell needs to complete this program's commands, options and models.
struct CompletionCommand: Command {
    static var configuration: CommandConfiguration {
        .say(
            "completion", en: "The script by which a shell completes commands, options and models.",
            es: "El script con el que una shell completa comandos, opciones y modelos.",
            more: """
                  source <(slm completion bash)                                         # in ~/.bashrc
                  source <(slm completion zsh)                                          # in ~/.zshrc, after compinit
                  slm completion fish > ~/.config/fish/completions/slm.fish
                """)
    }

    @Argument(help: .say(en: "bash, zsh or fish.", es: "bash, zsh o fish.", value: "shell"))
    var shell: Shell

    @OptionGroup var global: GlobalOptions

    func run() throws { try Terminal.answer(shell.script) }
}

/// A shell whose words this program completes.
enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish

    /// The value of the parser's own option for this, `--generate-completion-script`.
    static func asked(in arguments: [String]) -> String? {
        let name = "--generate-completion-script"
        for (index, argument) in arguments.prefix(while: { $0 != "--" }).enumerated() {
            if argument.hasPrefix(name + "=") { return String(argument.dropFirst(name.count + 1)) }
            if argument == name { return arguments.dropFirst(index + 1).first ?? "" }
        }
        return nil
    }

    /// Each hands the words up to the cursor to `slm __complete`, which answers one candidate a line, its description
    /// after a tabulator. The first line says whether names of files or folders belong there too.
    var script: String {
        switch self {
        case .bash: Self.bashScript
        case .zsh: Self.zshScript
        case .fish: Self.fishScript
        }
    }

    // Bash ends words at colons and equals signs, and replaces only what follows the last of them.
    private static let bashScript = #"""
        # Completes slm in bash.
        _slm() {
            local line words=() current kept places="" candidates=()
            read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
            [[ ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]] && words+=("")
            current=${words[${#words[@]} - 1]}
            COMPREPLY=()
            while IFS= read -r line; do
                if [[ -z $places ]]; then places=$line; else candidates+=("${line%%$'\t'*}"); fi
            done < <("${words[0]/#\~/$HOME}" __complete -- "${words[@]:1}" 2>/dev/null)
            kept=""
            [[ $current == *[:=]* ]] && kept=${current%"${current##*[:=]}"}
            for line in "${candidates[@]}"; do
                [[ $line == "$current"* ]] && COMPREPLY+=("${line#"$kept"}")
            done
            current=${current#"$kept"}
            case $places in
            files)
                compopt -o filenames 2>/dev/null
                while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
                ;;
            folders)
                compopt -o filenames 2>/dev/null
                while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$current")
                ;;
            esac
        }
        complete -F _slm slm

        """#

    private static let zshScript = #"""
        #compdef slm
        # Completes slm in zsh.
        _slm() {
            local -a lines candidates
            local line value
            lines=("${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
            for line in "${(@)lines[2,-1]}"; do
                value=${line%%$'\t'*}
                if [[ $line == *$'\t'* ]]; then
                    candidates+=("${value//:/\\:}:${line#*$'\t'}")
                else
                    candidates+=("${value//:/\\:}")
                fi
            done
            (( ${#candidates} )) && _describe -V slm candidates
            case ${lines[1]} in
            files) _files ;;
            folders) _files -/ ;;
            esac
        }
        if [[ ${funcstack[1]} == _slm ]]; then _slm "$@"; else compdef _slm slm; fi

        """#

    private static let fishScript = #"""
        # Completes slm in fish.
        function __slm_complete
            set -l words (commandline -opc)
            set -l program (string replace -r '^~' -- $HOME $words[1])
            set -l lines ($program __complete -- $words[2..-1] (commandline -ct) 2>/dev/null)
            test (count $lines) -gt 1; and printf '%s\n' $lines[2..-1]
            switch "$lines[1]"
                case files
                    __fish_complete_path (commandline -ct)
                case folders
                    __fish_complete_directories (commandline -ct) ''
            end
        end
        complete -c slm -f -k -a '(__slm_complete)'

        """#
}

/// `slm __complete -- WORDS`: what the scripts ask. Answers whatever happens: a shell has no place for an error.
struct CompleteCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "__complete", shouldDisplay: false)
    }

    @Argument(parsing: .postTerminator, help: .hidden)
    var words: [String] = []

    func run() async throws {
        let completions = await Completions(of: words.isEmpty ? [""] : words)
        try Terminal.answer(completions.lines)
    }
}
