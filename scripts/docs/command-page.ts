// Prints the page of the command line, made of the help texts of the command.
import { makeProgram } from '../../packages/gnnrec/src/command/program.js'

/** Width of the help texts; the same on every terminal, so that the page is. */
const helpWidth = 92

const program = makeProgram(new AbortController().signal)
const all = [program, ...program.commands]
for (const command of all) command.configureHelp({ helpWidth })

const sections = program.commands.map((command) => {
  const name = command.name()
  return `## ${name}\n\n${command.description()}\n\n${helpOf(command)}`
})
console.log(`---
outline: 2
---

# Command line

\`npx gnnrec\` runs the command of the package [\`gnnrec\`](../start.md). This page is made of its own help texts.

${helpOf(program)}

${sections.join('\n\n')}
`)

function helpOf(command: (typeof all)[number]): string {
  let text = ''
  // What addHelpText adds is written, but not among what helpInformation returns.
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
  })
  command.outputHelp()
  return `\`\`\`text\n${text.trim()}\n\`\`\``
}
