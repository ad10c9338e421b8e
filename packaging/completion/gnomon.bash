# Completion of gnomon for bash. Commands and options are asked of the program itself, so that they
# are those of the version that is installed.
_gnomon() {
  local cur prev words cword command previous
  if declare -F _init_completion >/dev/null; then
    _init_completion -n = || return
  else
    COMPREPLY=()
    words=("${COMP_WORDS[@]}")
    cword=$COMP_CWORD
    cur=${COMP_WORDS[COMP_CWORD]}
  fi
  local program=${words[0]}
  if [ "$cword" -eq 1 ]; then
    local commands
    commands=$("$program" --help 2>/dev/null |
      sed -n '/^Commands$/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
    mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$cur")
    return
  fi
  command=${words[1]}
  previous=${words[cword - 1]}
  if [[ $cur == -* ]]; then
    local options
    # "  -o [ --output ] FILE", "  --db FILE (=gnomon.db)"
    local action=()
    # Each action of signatures has options of its own.
    [[ $command = signatures && $cword -gt 2 && ${words[2]} == [a-z]* ]] && action=("${words[2]}")
    options=$("$program" "$command" "${action[@]}" --help 2>/dev/null |
      sed -n 's/^  \(-. \[ \)\{0,1\}\(--[a-z0-9-]*\).*/\2/p')
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    return
  fi
  case "$command $previous" in
    *' --status' | *' --where-status')
      mapfile -t COMPREPLY < <(
        compgen -W 'sanctioned tolerated unsanctioned under-review unreviewed' -- "$cur"
      )
      ;;
    'review --candidate') mapfile -t COMPREPLY < <(compgen -W 'accept dismiss reopen' -- "$cur") ;;
    *' --format')
      # As its help says: "table or json".
      local formats
      formats=$("$program" "$command" --help 2>/dev/null |
        sed -n '/^  --format /,/^  -/{/^  --format /s/^  --format [A-Z]*//;/^  -/d;p}' |
        grep -owE 'table|text|csv|json' | sort -u | tr '\n' ' ')
      mapfile -t COMPREPLY < <(compgen -W "$formats" -- "$cur")
      ;;
    *' -i' | *' --interface')
      local interfaces=(/sys/class/net/*)
      mapfile -t COMPREPLY < <(compgen -W "${interfaces[*]##*/}" -- "$cur")
      ;;
    *)
      # What a command does first: "Usage: gnomon policy check ...", "check | show", or its list.
      if [ "$cword" -eq 2 ]; then
        local actions
        actions=$("$program" "$command" --help 2>/dev/null | sed -n \
          -e "/^Usage:/,/^$/{s/^Usage://;s/^ *gnomon $command *//;/^[a-z]/!d;s/ *| */\n/g;p}" \
          -e '/^Actions/,/^$/s/^  \([a-z]*\) .*/\1/p' | sed -n 's/^\([a-z][a-z-]*\)\( .*\)\{0,1\}$/\1/p')
        mapfile -t COMPREPLY < <(compgen -W "$actions" -- "$cur")
        [ ${#COMPREPLY[@]} -eq 0 ] || return
      fi
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      ;;
  esac
}
complete -F _gnomon gnomon
