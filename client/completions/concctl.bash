# bash completion for concctl(1)

# The options of a verb, or of no verb at all.
_concctl_options() {
  local general="--help --json --quiet --socket"
  local waiting="--output --force --timeout --cancel-on-interrupt"
  case $1 in
    download) echo "$general $waiting --no-block --executor --digest" ;;
    wait) echo "$general $waiting" ;;
    list) echo "$general --all" ;;
    "") echo "$general --version" ;;
    *) echo "$general" ;;
  esac
}

# The cells of column $1 that begin with $2 in what concctl answers to the rest; none when the daemon is away.
# They may be any text, so they do not pass through compgen -W, which would expand them.
_concctl_cells() {
  concctl "${@:3}" 2>/dev/null | CONCCTL_START=$2 awk -v column="$1" \
    'NR > 1 && index($column, ENVIRON["CONCCTL_START"]) == 1 { print $column }'
}

_concctl() {
  local verbs="download wait list show cancel pause resume retry status catalog monitor version"
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verb="" word
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ " $verbs " == *" $word "* ]] && verb=$word && break
  done
  COMPREPLY=()
  case $previous in
    --executor) mapfile -t COMPREPLY < <(compgen -W "auto thread process" -- "$current") ;;
    --socket | --output | -o) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    --timeout | --digest) ;;
    *)
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_concctl_options "$verb")" -- "$current")
      else
        case $verb in
          "") mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$current") ;;
          download) mapfile -t COMPREPLY < <(_concctl_cells 1 "$current" catalog) ;;
          wait | show | retry) mapfile -t COMPREPLY < <(_concctl_cells 1 "$current" list --all) ;;
          cancel | pause | resume) mapfile -t COMPREPLY < <(_concctl_cells 1 "$current" list) ;;
        esac
      fi
      ;;
  esac
}

complete -F _concctl concctl
