import type { Command } from 'commander'

/** Words that may follow a command: its options, or for the program its commands. */
function wordsOf(command: Command): string[] {
  const { options, commands } = command
  const flags = options.flatMap(({ long, short }) => [long ?? short ?? ''])
  return [...commands.map((each) => each.name()), ...flags, '--help']
}

/** Makes a script that completes commands and options; files are completed elsewhere. */
export function completionFor(shell: string, program: Command): string {
  const commands = program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    words: wordsOf(command).join(' '),
  }))
  const names = wordsOf(program).join(' ')
  if (shell === 'fish') {
    const lines = commands.flatMap(({ name, description, words }) => [
      `complete -c gnnrec -n __fish_use_subcommand -f -a ${name} -d '${description.replaceAll("'", "\\'")}'`,
      ...words
        .split(' ')
        .map(
          (word) => `complete -c gnnrec -n '__fish_seen_subcommand_from ${name}' ${optionOf(word)}`,
        ),
    ])
    return `${lines.join('\n')}\n`
  }
  const cases = commands.map(({ name, words }) => `    ${name}) words='${words}' ;;`).join('\n')
  const script = `_gnnrec() {
  local words
  case "\${COMP_WORDS[1]}" in
${cases}
    *) words='${names}' ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words='${names}'; fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _gnnrec gnnrec
`
  return shell === 'bash' ? script : `autoload -U +X bashcompinit && bashcompinit\n${script}`
}

function optionOf(word: string): string {
  return word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`
}
