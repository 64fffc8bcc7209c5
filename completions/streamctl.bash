# bash completion for streamctl
_streamctl_words() {
    local word
    for word in "$@"; do
        if [[ $word == "$current"* ]]; then COMPREPLY+=("${word#"$joined"}"); fi
    done
}
_streamctl_files() {
    # -d: only directories. Each line is one name; * in a name is not expanded.
    local IFS=$'\n' GLOBIGNORE='*'
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
            -i|--input-format) _streamctl_words auto json json-stream logfmt csv tsv common combined syslog docker cri journal lines regex; return ;;
            --unmatched) _streamctl_words reject skip; return ;;
            --rotated) _streamctl_files; return ;;
            --on-gap) _streamctl_words fail skip; return ;;
            -X|--kafka-option) _streamctl_words list; return ;;
            --decompress) _streamctl_words auto none; return ;;
            --rejects) _streamctl_files; return ;;
            -t|--time) _streamctl_offer time; return ;;
            --time-format) _streamctl_words auto iso s ms us ns; return ;;
            -W|--watermark) _streamctl_words none; return ;;
            --idle) _streamctl_words off; return ;;
            --max-ahead) _streamctl_words off; return ;;
            --time-zone) _streamctl_offer zones; return ;;
            --calendar) _streamctl_words hour day week month quarter year; return ;;
            -g|--by) _streamctl_offer fields; return ;;
            --lookup) _streamctl_files; return ;;
            --where) _streamctl_offer expression; return ;;
            --let) _streamctl_offer expression; return ;;
            --dedup) _streamctl_offer fields; return ;;
            --select) _streamctl_offer fields; return ;;
            --sum) _streamctl_offer fields; return ;;
            --avg) _streamctl_offer fields; return ;;
            --min) _streamctl_offer fields; return ;;
            --max) _streamctl_offer fields; return ;;
            --first) _streamctl_offer fields; return ;;
            --last) _streamctl_offer fields; return ;;
            --stddev) _streamctl_offer fields; return ;;
            --median) _streamctl_offer fields; return ;;
            --distinct) _streamctl_offer fields; return ;;
            --quantile) _streamctl_offer fields; return ;;
            --top) _streamctl_offer fields; return ;;
            -a|--agg) _streamctl_offer aggregates; return ;;
            -o|--output) _streamctl_place postgresql:// kafka://; return ;;
            -f|--format) _streamctl_words json csv tsv table spark bars heat svg; return ;;
            --mode) _streamctl_words upsert append; return ;;
            --key) _streamctl_offer fields; return ;;
            --header) _streamctl_offer fields; return ;;
            --delete) _streamctl_offer fields; return ;;
            --if-newer) _streamctl_offer fields; return ;;
            --sort) _streamctl_offer fields; return ;;
            --state-dir) _streamctl_files -d; return ;;
            --lookup-changed) _streamctl_words fail accept; return ;;
            --stats) _streamctl_files; return ;;
            --metrics) _streamctl_files; return ;;
            --log-format) _streamctl_words text json; return ;;
            --generate) _streamctl_words grafana flink-sql pyflink pyspark beam; return ;;
            --completions) _streamctl_words bash zsh fish; return ;;
            --columns|--delimiter|--each|--unwrap|--regex|--record-start|-n|--max-records|--max-line|--lateness|--year|-w|--tumbling|--hopping|--cumulative|--session|--rows|--every|--align|--within|--having|--digits|--table|--limit|--rank|--early|--job|--commit-every|--reset|--types|-j|--jobs|--max-groups|--max-state) return ;;
        esac
        if [[ $current == -* ]]; then
            _streamctl_words -i --input-format --columns --delimiter --no-header --each --unwrap --regex --unmatched --record-start -F --follow --from-end --rotated --on-gap -X --kafka-option -n --max-records --max-line --decompress --rejects --strict -t --time --time-format -W --watermark --lateness --idle --max-ahead --time-zone --year -w --tumbling --hopping --cumulative --session --rows --calendar --every --align -g --by --lookup --where --let --dedup --within --having --select --count --sum --avg --min --max --first --last --stddev --median --distinct --quantile --top -a --agg -o --output -f --format --digits --table --mode --create --key --header --delete --if-newer --sort --limit --rank --early --fill --fill-all --punctuate --then --job --state-dir --lookup-changed --commit-every --reset --list-jobs --takeover -v --verbose -q --quiet --stats --metrics --metrics-results --progress --no-progress --live --no-live --log-format --explain --generate --types --fields -j --jobs --max-groups --max-state -h --help -V --version --completions
            return
        fi
    fi
    _streamctl_place demo:sensors kafka://
}
complete -F _streamctl streamctl
