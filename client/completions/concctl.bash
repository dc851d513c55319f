# bash completion for concctl(1)
#
# What there is to offer is read from concctl --help and concctl VERB --help, in English.

_concctl_help() {
  LC_ALL=C concctl "$@" --help 2>/dev/null
}

_concctl_verbs() {
  _concctl_help | awk '/^Verbs:/ { listed = 1; next } listed && /^  [a-z]/ { print $1 }'
}

# The options of a verb, or of no verb at all.
_concctl_options() {
  _concctl_help "$@" | awk '/^  -/ { count = split($1, names, ","); print names[count] }'
}

# The values that the help of a verb gives for an option or argument: "--executor auto|thread|process".
_concctl_values() {
  _concctl_help "${@:2}" | awk -v name="$1" '$1 == name && $2 ~ /\|/ { gsub(/\|/, " ", $2); print $2 }'
}

# The cells of column $1 that begin with $2 in what concctl answers to the rest; none when the daemon is away.
# They may be any text, so they do not pass through compgen -W, which would expand them.
_concctl_cells() {
  concctl "${@:3}" 2>/dev/null | CONCCTL_START=$2 awk -v column="$1" \
    'NR > 1 && index($column, ENVIRON["CONCCTL_START"]) == 1 { print $column }'
}

# Arguments that are not options: $1 the verb, $2 what is typed so far, $3 how many there are before it.
_concctl_arguments() {
  local help
  help=$(_concctl_help "$1")
  case $help in
    *" LEVEL ID..."*) [[ $3 -eq 0 ]] && compgen -W "$(_concctl_values LEVEL "$1")" -- "$2" && return ;;
  esac
  case $help in
    *" SOURCE..."*) _concctl_cells 1 "$2" catalog ;;
    *"as list --all shows it"*) _concctl_cells 1 "$2" list --all ;;
    *"as list shows it"*) _concctl_cells 1 "$2" list ;;
  esac
}

_concctl() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verbs verb="" word before=0
  verbs=" $(_concctl_verbs | tr '\n' ' ') "
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ -n $verb && $word != -* ]]; then
      before=$((before + 1))
    elif [[ $verbs == *" $word "* ]]; then
      verb=$word
    fi
  done
  COMPREPLY=()
  case $previous in
    --executor | --priority) mapfile -t COMPREPLY < <(compgen -W "$(_concctl_values "$previous" "$verb")" -- "$current") ;;
    --socket | --output | -o) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    --timeout | --digest | --mirror) ;;
    *)
      if [[ $current == -* ]]; then
        # shellcheck disable=SC2086
        mapfile -t COMPREPLY < <(compgen -W "$(_concctl_options $verb)" -- "$current")
      elif [[ -z $verb ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$current")
      else
        mapfile -t COMPREPLY < <(_concctl_arguments "$verb" "$current" "$before")
      fi
      ;;
  esac
}

complete -F _concctl concctl
