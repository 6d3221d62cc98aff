import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/**
 * Finds the codes of all errors of the packages: those of the classes that extend `GnnRecError`, and those
 * of errors that are made without a class of their own.
 *
 * @param {string} root folder of the repository
 * @returns {{ code: string, errors: { name: string, owner: string, cause: string }[] }[]} by code, each
 *   with its classes, the packages that hold them, and the first paragraph of their doc comments
 */
export function errorCodes(root) {
  const found = new Map()
  const add = (code, error) => {
    const errors = found.get(code) ?? []
    found.set(code, errors)
    if (error && !errors.some(({ name }) => name === error.name)) errors.push(error)
  }
  const packages = join(root, 'packages')
  for (const folder of readdirSync(packages).sort()) {
    for (const file of sourceFiles(join(packages, folder, 'src'))) {
      const text = readFileSync(file, 'utf8')
      if (!text.includes('GnnRecError')) continue
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
      const owner = folder === 'gnnrec' ? 'gnnrec' : `@gnnrec/${folder}`
      visit(source, owner, add)
    }
  }
  return [...found]
    .map(([code, errors]) => ({ code, errors }))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
}

function sourceFiles(folder) {
  let entries
  try {
    entries = readdirSync(folder, { recursive: true })
  } catch {
    return []
  }
  return entries
    .filter((path) => path.endsWith('.ts') && !path.includes('generated'))
    .sort()
    .map((path) => join(folder, path))
}

function visit(node, owner, add) {
  if (ts.isClassDeclaration(node)) {
    const parent = node.heritageClauses?.[0]?.types[0]
    if (parent?.expression.getText() === 'GnnRecError') {
      const name = node.name.text
      const error = { name, owner, cause: firstParagraph(node) }
      for (const code of codesOf(parent.typeArguments?.[0])) add(code, error)
    }
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'GnnRecError') {
    const [code] = node.arguments ?? []
    if (code && ts.isStringLiteral(code)) add(code.text)
  }
  ts.forEachChild(node, (child) => visit(child, owner, add))
}

function codesOf(type) {
  if (!type) return []
  if (ts.isUnionTypeNode(type)) return type.types.flatMap(codesOf)
  return ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal.text] : []
}

function firstParagraph(node) {
  const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc)?.comment
  const text = ts.getTextOfJSDocComment(comment) ?? ''
  return text
    .split(/\n\s*\n/)[0]
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\{@link (\w+)\}/g, '`$1`')
    .trim()
}
