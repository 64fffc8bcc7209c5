/// Scripts that make an interactive zsh complete a line. A pseudo-terminal inside zsh (zpty) plays the user.
enum ZshCompletion {
    /// The shell that completes. It prints each match with `HIT:` in front, between two marks, instead of inserting it.
    ///
    /// - Parameter completions: the path of the folder with the completion function.
    static func inner(completions: String) -> String {
        """
        PS1= ; unsetopt zle_bracketed_paste 2>/dev/null
        fpath=('\(completions)' $fpath)
        autoload -Uz compinit && compinit -u -D
        compadd() {
            builtin compadd -A __hits -D __none "$@" 2>/dev/null
            builtin compadd -O __hits "$@"
            (( ${#__hits} )) && print -rl -- "HIT:"${^__hits}
            builtin compadd "$@"
        }
        __show() { print -r -- "<""<BEGIN"; zle complete-word; print -r -- "END>"">" }
        zle -N __show; bindkey '^T' __show
        print -r -- "REA""DY"
        """
    }

    /// The shell that types `line` into the inner one, and prints what that shows.
    ///
    /// - Parameter inner: the path of the script of the inner shell.
    static func outer(typing line: String, inner: String) -> String {
        """
        zmodload zsh/zpty
        zpty shell 'TERM=dumb zsh -f -i'
        zpty -w shell "source '\(inner)'"
        zpty -r shell skipped $'*READY*'
        zpty -w -n shell $'\(line)\\x14'
        zpty -r shell answer $'*END>>*'
        print -r -- "${answer#*<<BEGIN}"
        zpty -d shell
        """
    }
}
