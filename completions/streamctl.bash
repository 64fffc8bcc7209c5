# bash completion for streamctl
_streamctl_words() {
    local word
    for word in "$@"; do
        if [[ $word == "$current"* ]]; then COMPREPLY+=("$word"); fi
    done
}
_streamctl_files() {
    # -d: only directories. Each line is one name; * in a name is not expanded.
    local IFS=$'\n' GLOBIGNORE='*'
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
            -X|--kafka-option) _streamctl_words list; return ;;
            --rejects) _streamctl_files; return ;;
            --time-format) _streamctl_words auto iso s ms us ns; return ;;
            -W|--watermark) _streamctl_words none; return ;;
            --idle) _streamctl_words off; return ;;
            --max-ahead) _streamctl_words off; return ;;
            --calendar) _streamctl_words hour day week month quarter year; return ;;
            -o|--output) _streamctl_files; return ;;
            -f|--format) _streamctl_words json csv tsv table; return ;;
            --mode) _streamctl_words upsert append; return ;;
            --state-dir) _streamctl_files -d; return ;;
            -n|--max-records|--max-line|-t|--time|--lateness|--time-zone|--year|-w|--tumbling|--hopping|--cumulative|--session|--rows|--every|--align|-g|--by|--where|--let|--having|--select|--sum|--avg|--min|--max|--first|--last|--stddev|--median|--distinct|--quantile|--top|-a|--agg|--table|--key|--early|--job|--commit-every|-j|--jobs|--max-groups) return ;;
        esac
        if [[ $current == -* ]]; then
            _streamctl_words -X --kafka-option -n --max-records --max-line --rejects --strict -t --time --time-format -W --watermark --lateness --idle --max-ahead --time-zone --year -w --tumbling --hopping --cumulative --session --rows --calendar --every --align -g --by --where --let --having --select --count --sum --avg --min --max --first --last --stddev --median --distinct --quantile --top -a --agg -o --output -f --format --table --mode --create --key --early --fill --fill-all --punctuate --job --state-dir --commit-every --takeover -v --verbose -q --quiet --explain -j --jobs --max-groups -h --help -V --version
            return
        fi
    fi
    _streamctl_files
    _streamctl_words demo:sensors kafka://
    # The URL continues, so no space is added. It is not a path, of which only the last part would be shown.
    if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *:// ]]; then
        compopt +o filenames -o nospace 2>/dev/null
    fi
}
complete -F _streamctl streamctl
