import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Name of the file in `dist`. */
export const noticesFile = 'THIRD-PARTY-NOTICES.txt'

/** A package of others whose code is part of a built one. */
interface ThirdParty {
  readonly folder: string
  /** Files of it that were bundled. */
  readonly files: string[]
}

/**
 * Returns the notices of all packages of others whose files were bundled; undefined when there are none.
 *
 * @param files - absolute paths of bundled files; those outside `node_modules` are left out
 */
export function thirdPartyNotices(files: readonly string[]): string | undefined {
  const found = new Map<string, ThirdParty>()
  for (const file of files) {
    const [, folder] = /^(.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+)[/\\]/.exec(file) ?? []
    if (folder === undefined || /[/\\]node_modules[/\\]@gnnrec$/.test(folder)) continue
    const party = found.get(folder) ?? { folder, files: [] }
    party.files.push(file)
    found.set(folder, party)
  }
  const parties = [...found.values()].map(noticeOf).sort()
  if (parties.length === 0) return undefined
  return [
    'This package contains code of the packages below, in the built files of its folder dist.',
    ...new Set(parties),
  ].join(`\n\n${'-'.repeat(80)}\n\n`)
}

/** Returns the paths of files of others that a generated module of a package contains. */
export function generatedInputs(packageFolder: string): string[] {
  const generated = join(packageFolder, 'src/generated')
  if (!existsSync(generated)) return []
  return readdirSync(generated)
    .filter((name) => name.endsWith('.inputs.json'))
    .flatMap((name) => JSON.parse(readFileSync(join(generated, name), 'utf8')) as string[])
    .map((path) => resolve(root, path))
}

function noticeOf({ folder, files }: ThirdParty): string {
  const { name, version, license, homepage, repository } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  if (typeof license !== 'string') throw new Error(`${name} does not state its licence.`)
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && isLegalText(entry.name))
    .map((entry) => entry.name)
    .sort()
    .map((each) => readFileSync(join(folder, each), 'utf8').trim())
  if (!texts.some((text) => text.length > 200)) {
    const headers = new Set(files.flatMap((file) => licenceComments(readFileSync(file, 'utf8'))))
    texts.unshift(...[...headers].sort())
    if (!texts.some((text) => /permission is hereby granted/i.test(text))) {
      texts.push(commonLicence(license, name))
    }
  }
  const address = homepage ?? repository?.url ?? repository ?? ''
  return [`${name} ${version}\nLicence: ${license}\n${address}`.trim(), ...texts].join('\n\n')
}

/** Returns true for names such as `LICENSE-MIT`, `MIT-License.txt`, `NOTICE` and `ThirdPartyNotices.txt`. */
function isLegalText(name: string): boolean {
  const isCode = /\.([cm]?[jt]sx?|json|map|wasm|css)$/i.test(name)
  return !isCode && /licen[cs]e|notice|copying|copyright/i.test(name)
}

/** Returns the comments with licences of a file, without their stars. */
function licenceComments(text: string): string[] {
  return [...text.matchAll(/\/\*[\s\S]*?\*\//g)]
    .map(([comment]) => comment)
    .filter((comment) => /@license|copyright/i.test(comment))
    .map((comment) =>
      comment
        .replace(/^\/\*+!?|\*+\/$/g, '')
        .replace(/^[ \t]*\* ?/gm, '')
        .replace(/@license\s*/g, '')
        .replace(/^=+$/gm, '')
        .trim(),
    )
}

/** Returns the text of a licence for a package that comes without one. */
function commonLicence(license: string, name: string): string {
  const folder = join(root, 'scripts/licences')
  const file = [name, license].map((each) => join(folder, `${each}.txt`)).find(existsSync)
  if (file !== undefined) return readFileSync(file, 'utf8').trim()
  throw new Error(
    `${name} comes without the text of its licence: add ${name}.txt (with its copyright) or ${license}.txt to ${relative(root, folder)}.`,
  )
}
