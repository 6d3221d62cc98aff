import { readFile } from 'node:fs/promises'

/** All names that the entries of a package export, one a line, types marked as such. */
export async function publicApi(packageFolder: URL): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL('package.json', packageFolder), 'utf8'))
  const lines: string[] = []
  for (const [subpath, target] of Object.entries<{ '@gnnrec/source'?: string }>(manifest.exports)) {
    const source = target['@gnnrec/source']
    // What packages of this repository share is nobody else's.
    if (!source || subpath === './internal') continue
    const file = new URL(source, packageFolder)
    lines.push(`${manifest.name}${subpath.slice(1)}`)
    for (const name of Object.keys(await import(file.href)).sort()) lines.push(`  ${name}`)
    for (const name of exportedTypes(await readFile(file, 'utf8'))) lines.push(`  type ${name}`)
  }
  return `${lines.join('\n')}\n`
}

/** Entries hold nothing but named re-exports, so their text tells the types. */
function exportedTypes(source: string): string[] {
  const lists = [...source.matchAll(/export type \{([^}]*)\}/g)]
  return lists.flatMap(([, names = '']) => names.match(/\w+(?=\s*(,|$))/g) ?? []).sort()
}
