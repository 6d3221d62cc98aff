import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

const main = new URL('../src/main.ts', import.meta.url)

/** Follows the imports that are loaded at once, not those of types nor those of `import()`. */
async function packagesOf(file: URL, seen = new Set<string>()): Promise<Set<string>> {
  const packages = new Set<string>()
  if (seen.has(file.href)) return packages
  seen.add(file.href)
  const text = await readFile(file, 'utf8')
  for (const [, name] of text.matchAll(/^(?:import|export)(?! type)[^'"()]*['"]([^'"]+)['"]/gm)) {
    if (!name.startsWith('.')) packages.add(name)
    else if (name.endsWith('.js')) {
      const next = new URL(name.replace(/\.js$/, '.ts'), file)
      for (const each of await packagesOf(next, seen)) packages.add(each)
    }
  }
  return packages
}

it('loads nothing but the parser of arguments before a command is known', async () => {
  expect([...(await packagesOf(main))]).toEqual(['commander'])
})

it('sees the packages that a command loads', async () => {
  const command = new URL('../src/command/evaluate.ts', import.meta.url)
  expect([...(await packagesOf(command))]).toContain('@gnnrec/eval')
})
