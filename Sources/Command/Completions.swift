import Plan
import StreamEngine

/// Completion scripts for `--completions`, generated from the table of flags when asked for. The files in `completions/`
/// contain them.
package enum Completions {
    enum Shell: String, CaseIterable { case bash, zsh, fish }

    static func script(_ shell: String) throws(UsageError) -> String {
        guard let shell = Shell(rawValue: shell) else {
            let shells = Shell.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("--completions '\(shell)': unknown shell; use one of \(shells)")
        }
        switch shell {
        case .bash: return bash
        case .zsh: return zsh
        case .fish: return fish
        }
    }

    /// bash splits words at `=` and `:`, so `--format=j` and `kafka://b` arrive as three words; the script joins them
    /// again, and takes the joined beginning off what it offers.
    private static var bash: String {
        var cases = ""
        var plain: [String] = []
        for flag in FlagEntry.visible where flag.value != nil {
            switch flag.completion {
            case .nothing: plain += flag.spellings
            case .file: cases += bashCase(flag.spellings, "files")
            case .directory: cases += bashCase(flag.spellings, "files -d")
            case .words(let words): cases += bashCase(flag.spellings, "words \(words.joined(separator: " "))")
            case .offer(let kind): cases += bashCase(flag.spellings, "offer \(kind.rawValue)")
            case .place:
                cases += bashCase(flag.spellings, "place \(FlagEntry.outputBeginnings.joined(separator: " "))")
            }
        }
        cases += bashCase(plain, ":")
        let flags = FlagEntry.visible.flatMap(\.spellings)
        return """
            # bash completion for streamctl
            _streamctl_words() {
                local word
                for word in "$@"; do
                    if [[ $word == "$current"* ]]; then COMPREPLY+=("${word#"$joined"}"); fi
                done
            }
            _streamctl_files() {
                # -d: only directories. Each line is one name; * in a name is not expanded.
                local IFS=$'\\n' GLOBIGNORE='*'
                compopt -o filenames 2>/dev/null
                COMPREPLY+=($(compgen "${1:--f}" -- "${current#"$joined"}"))
            }
            _streamctl_offer() {
                # What streamctl offers, from the fields of the input on this line, its functions or the time zones.
                local line
                while IFS= read -r line; do
                    if [[ $line ]]; then COMPREPLY+=("${line#"$joined"}"); fi
                done < <(command "${words[0]}" --complete "$1" -- "$current" "${words[@]:1}" 2>/dev/null </dev/null)
                # Further names, or an argument, may follow.
                compopt -o nospace 2>/dev/null
            }
            _streamctl_place() {
                # A file, or one of these beginnings. After a beginning, topics.
                if [[ $current == kafka://*/* ]]; then
                    _streamctl_offer topics
                    return
                fi
                if [[ $current != *://* ]]; then _streamctl_files; fi
                _streamctl_words "$@"
                # The URL continues, so no space is added. It is not a path, of which only the last part would be shown.
                if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *// ]]; then
                    compopt +o filenames -o nospace 2>/dev/null
                fi
            }
            _streamctl() {
                local current previous joined="" word flags=yes glue=""
                local -a words=()
                COMPREPLY=()
                # --name=value arrives as the words "--name", "=" and "value", and kafka://broker with its colon.
                for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
                    if [[ ($word == [=:]* || $glue) && ${#words[@]} -gt 1 ]]; then
                        words[${#words[@]}-1]+=$word
                    else
                        words+=("$word")
                    fi
                    if [[ $word == *[=:] ]]; then glue=yes; else glue=; fi
                done
                current=${words[${#words[@]}-1]}
                previous=
                if ((${#words[@]} > 2)); then previous=${words[${#words[@]}-2]}; fi
                for word in "${words[@]:0:${#words[@]}-1}"; do
                    if [[ $word == "--" ]]; then flags=; fi
                done
                if [[ $flags && $current == --*=* ]]; then
                    previous=${current%%=*}
                    current=${current#*=}
                    words[${#words[@]}-1]=$previous
                    words+=("$current")
                fi
                # bash replaces only what follows the last of these.
                if [[ $current == *[=:]* ]]; then joined=${current%"${current##*[=:]}"}; fi
                words+=("${COMP_WORDS[@]:COMP_CWORD+1}")
                if [[ $flags ]]; then
                    case $previous in
            \(cases)        esac
                    if [[ $current == -* ]]; then
                        _streamctl_words \(flags.joined(separator: " "))
                        return
                    fi
                fi
                _streamctl_place \((FlagEntry.inputWords + FlagEntry.inputBeginnings).joined(separator: " "))
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
                    // With a space, no options of compadd are put behind the first word.
                    case .offer(let kind): " _streamctl_offer \(kind.rawValue)"
                    case .place: "_streamctl_output"
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
            _streamctl_offer() {
                # What streamctl offers, from the fields of the input on this line, its functions or the time zones.
                local -a offers
                offers=("${(@f)$(command streamctl --complete $1 -- "${(Q)PREFIX}" "${(@Q)streamctl_line[2,-1]}" 2>/dev/null </dev/null)}")
                offers=(${offers:#})
                (( $#offers )) && compadd -S '' -a offers
            }
            _streamctl_topics() { _streamctl_offer topics }
            _streamctl_input() {
                if [[ $PREFIX == kafka://*/* ]]; then _streamctl_topics; return; fi
                _alternative \\
                    'files:file:_files' \\
                    'demos:built-in input:(\(words(FlagEntry.inputWords)))' \\
                    'topics:Kafka topics:compadd -S "" \(words(FlagEntry.inputBeginnings))'
            }
            _streamctl_output() {
                if [[ $PREFIX == kafka://*/* ]]; then _streamctl_topics; return; fi
                _alternative \\
                    'files:file:_files' \\
                    'places:database or topic:compadd -S "" \(words(FlagEntry.outputBeginnings))'
            }
            _streamctl() {
                local -a streamctl_line
                streamctl_line=("${words[@]}")
                _arguments -s -S \\
            \(specs)        '*:input:_streamctl_input'
            }
            _streamctl "$@"

            """
    }

    private static var fish: String {
        var lines = """
            # fish completion for streamctl
            function __streamctl_offer
                # What streamctl offers, from the fields of the input on this line, its functions or the time zones.
                set -l token (commandline -ct | string replace -r '^--[a-z-]+=' '')
                set -l line (commandline -o)
                command streamctl --complete $argv[1] -- "$token" $line[2..-1] 2>/dev/null </dev/null
            end
            function __streamctl_topics
                if string match -q 'kafka://*/*' -- (commandline -ct)
                    __streamctl_offer topics
                end
            end

            """
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
                case .offer(let kind): line += " -x -a '(__streamctl_offer \(kind.rawValue))'"
                case .place:
                    line += " -r -F -a '\(FlagEntry.outputBeginnings.joined(separator: " ")) (__streamctl_topics)'"
                }
            }
            lines += line + " -d '\(flag.help.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'\n"
        }
        for word in FlagEntry.inputWords { lines += "complete -c streamctl -a '\(word)' -d 'built-in input'\n" }
        // fish does not append a space after a slash.
        for word in FlagEntry.inputBeginnings {
            lines += "complete -c streamctl -a '\(word)' -d 'Kafka topics'\n"
        }
        lines += "complete -c streamctl -a '(__streamctl_topics)' -d 'topic'\n"
        return lines
    }

    /// Brackets and colons are syntax for `_arguments`, even in single quotes.
    private static func quoteZsh(_ text: String) -> String {
        text.replacing("'", with: "'\\''").replacing("[", with: "\\[").replacing("]", with: "\\]")
            .replacing(":", with: "\\:")
    }
}
