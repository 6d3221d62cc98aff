import { remedies } from './remedies.mjs'

/**
 * Returns the page of all errors in Markdown.
 *
 * @param {ReturnType<import('./error-codes.mjs').errorCodes>} codes
 * @throws an error that names the codes without a remedy, and remedies without a code
 */
export function errorsPage(codes) {
  const known = new Set(codes.map(({ code }) => code))
  const missing = [...known].filter((code) => !Object.hasOwn(remedies, code))
  const idle = Object.keys(remedies).filter((code) => !known.has(code))
  if (missing.length + idle.length > 0) {
    throw new Error(
      `scripts/docs/remedies.mjs lacks ${missing.join(', ') || 'nothing'}, and has ${idle.join(', ') || 'nothing'} too much.`,
    )
  }
  return `---
outline: 2
---

# Errors

Every error that the packages throw on purpose is a \`GnnRecError\`. Its \`code\` is stable: branch on it, never on the
message. The message says what was got, what is expected, and what to do. \`cause\` holds the error below it, where there
is one. An aborted \`AbortSignal\` is no error of this list: the reason of the signal is thrown.

\`\`\`ts
import { GnnRecError, load } from 'gnnrec'

try {
  await load('no-such-folder')
} catch (error) {
  if (!GnnRecError.isInstance(error)) throw error
  console.log(error.code) // SERIALIZATION
}
\`\`\`

This page is made from the classes of the errors.

${codes.map(section).join('\n\n')}
`
}

function section({ code, errors }) {
  const causes = errors.map(({ name, owner, cause }) => `\`${name}\` of \`${owner}\`. ${cause}`)
  if (causes.length === 0) causes.push('An error without a class of its own.')
  const anchor = code.toLowerCase().replaceAll('_', '-')
  return `## ${code} {#${anchor}}\n\n${causes.join('\n\n')}\n\n**Remedy**: ${remedies[code]}`
}
