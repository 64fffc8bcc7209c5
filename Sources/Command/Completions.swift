import Plan

/// Completion scripts, generated from the table of flags. The files in `completions/` contain the generated scripts.
package enum Completions {
    enum Shell: String, CaseIterable { case bash, zsh, fish }

    static func script(_ shell: String) throws(UsageError) -> String {
        guard let shell = Shell(rawValue: shell) else {
            let shells = Shell.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("--generate '\(shell)': unknown shell; use one of \(shells)")
        }
        switch shell {
        case .bash: return bash
        case .zsh: return zsh
        case .fish: return fish
        }
    }

    /// bash splits words at `=`, so `--format=j` arrives as three words; the script joins them again.
    private static var bash: String {
        var cases = ""
        var plain: [String] = []
        for flag in FlagEntry.visible where flag.value != nil {
            switch flag.completion {
            case .nothing: plain += flag.spellings
            case .file: cases += bashCase(flag.spellings, "files")
            case .directory: cases += bashCase(flag.spellings, "files -d")
            case .words(let words): cases += bashCase(flag.spellings, "words \(words.joined(separator: " "))")
            }
        }
        cases += bashCase(plain, ":")
        let flags = FlagEntry.visible.flatMap(\.spellings)
        return """
            # bash completion for streamctl
            _streamctl_words() {
                local word
                for word in "$@"; do
                    if [[ $word == "$current"* ]]; then COMPREPLY+=("$word"); fi
                done
            }
            _streamctl_files() {
                # -d: only directories. Each line is one name; * in a name is not expanded.
                local IFS=$'\\n' GLOBIGNORE='*'
                compopt -o filenames 2>/dev/null
                COMPREPLY+=($(compgen "${1:--f}" -- "$current"))
            }
            _streamctl() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} word flags=yes
                COMPREPLY=()
                # --name=value arrives as the words "--name", "=" and "value".
                if [[ $current == "=" ]]; then
                    current=""
                elif [[ $previous == "=" ]] && ((COMP_CWORD > 2)); then
                    previous=${COMP_WORDS[COMP_CWORD - 2]}
                fi
                for word in "${COMP_WORDS[@]:0:COMP_CWORD}"; do
                    if [[ $word == "--" ]]; then flags=; fi
                done
                if [[ $flags ]]; then
                    case $previous in
            \(cases)        esac
                    if [[ $current == -* ]]; then
                        _streamctl_words \(flags.joined(separator: " "))
                        return
                    fi
                fi
                _streamctl_files
                _streamctl_words \((FlagEntry.inputWords + FlagEntry.inputBeginnings).joined(separator: " "))
                # The URL continues, so no space is added. It is not a path, of which only the last part would be shown.
                if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *:// ]]; then
                    compopt +o filenames -o nospace 2>/dev/null
                fi
            }
            complete -F _streamctl streamctl

            """
    }

    private static func bashCase(_ names: [String], _ action: String) -> String {
        "            \(names.joined(separator: "|"))) \(action == ":" ? "" : "_streamctl_\(action); ")return ;;\n"
    }

    private static var zsh: String {
        var specs = ""
        for flag in FlagEntry.visible {
            let help = quoteZsh(flag.help)
            var value = ""
            if let name = flag.value {
                let action =
                    switch flag.completion {
                    case .nothing: ""
                    case .file: "_files"
                    case .directory: "_files -/"
                    case .words(let words): "(\(words.joined(separator: " ")))"
                    }
                value = ":\(quoteZsh(name)):\(action)"
            }
            let spellings = flag.spellings
            let once = spellings.count > 1 ? "(\(spellings.joined(separator: " ")))" : ""
            for spelling in spellings {
                // A value may follow a short flag directly, and a long flag after an equals sign.
                let joint = flag.value == nil ? "" : spelling.hasPrefix("--") ? "=" : "+"
                specs += "        '\(flag.repeats ? "*" : once)\(spelling)\(joint)[\(help)]\(value)' \\\n"
            }
        }
        func words(_ words: [String]) -> String {
            words.map { $0.replacing(":", with: "\\:") }.joined(separator: " ")
        }
        return """
            #compdef streamctl
            # zsh completion for streamctl
            _streamctl_input() {
                _alternative \\
                    'files:file:_files' \\
                    'demos:built-in input:(\(words(FlagEntry.inputWords)))' \\
                    'topics:Kafka topics:compadd -S "" \(words(FlagEntry.inputBeginnings))'
            }
            _streamctl() {
                _arguments -s -S \\
            \(specs)        '*:input:_streamctl_input'
            }
            _streamctl "$@"

            """
    }

    private static var fish: String {
        var lines = "# fish completion for streamctl\n"
        for flag in FlagEntry.visible {
            var line = "complete -c streamctl"
            if let short = flag.short { line += " -s \(short)" }
            if !flag.name.isEmpty { line += " -l \(flag.name)" }
            if flag.value != nil {
                switch flag.completion {
                case .nothing: line += " -x"
                case .file: line += " -r -F"
                case .directory: line += " -x -a '(__fish_complete_directories)'"
                case .words(let words): line += " -x -a '\(words.joined(separator: " "))'"
                }
            }
            lines += line + " -d '\(flag.help.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'\n"
        }
        for word in FlagEntry.inputWords { lines += "complete -c streamctl -a '\(word)' -d 'built-in input'\n" }
        // fish does not append a space after a slash.
        for word in FlagEntry.inputBeginnings {
            lines += "complete -c streamctl -a '\(word)' -d 'Kafka topics'\n"
        }
        return lines
    }

    /// Brackets and colons are syntax for `_arguments`, even in single quotes.
    private static func quoteZsh(_ text: String) -> String {
        text.replacing("'", with: "'\\''").replacing("[", with: "\\[").replacing("]", with: "\\]")
            .replacing(":", with: "\\:")
    }
}
