import ts from 'typescript'
import { oxfordSpelling, wordsOf } from './spelling.mjs'

/** Doc comments that start with these words are clauses, which say nothing when they stand alone. */
const clauseStarts = /^(What|Whether|Who|Whose|Of|As|Which|How|Where|That)\b/
const proseDefault = /(^|[.;:(]\s+)Defaults?\b(?! (options|settings|values) )/
/** Words in names and strings that CSS, Vega, LaTeX and other libraries spell in their own way. */
const spelledByLibraries = new Set(['center', 'centering', 'color', 'colors', 'gray', 'neighbors'])

/**
 * Finds what the rules of prose forbid in a file of TypeScript, JavaScript or Markdown.
 *
 * @returns {{ line: number, message: string }[]} in the order of lines
 */
export function checkFile(path, text) {
  const found = path.endsWith('.md') ? checkMarkdown(text) : checkSource(path, text)
  found.push(
    ...misspellings(path).map((message) => ({ line: 1, message: `${message} (the path)` })),
  )
  return found.sort((a, b) => a.line - b.line)
}

function checkMarkdown(text) {
  let inCode = false
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*(```|~~~)/.test(line)) inCode = !inCode
    // Addresses, paths and code keep the names that they have.
    const prose = line.replaceAll(/https?:\S+|\]\([^)]*\)|`[^`]*`/g, ' ')
    return inCode ? [] : misspellings(prose).map((message) => ({ line: index + 1, message }))
  })
}

function checkSource(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found = []
  const comments = new Map()
  // Types in tests describe fixtures, whose files keep the names that they have.
  const isTest = /(^|\/)test\//.test(path)
  const report = (position, message) => {
    found.push({ line: source.getLineAndCharacterOfPosition(position).line + 1, message })
  }
  const checkWords = (start, end, allowed) => {
    for (const { word, at } of wordsOf(text.slice(start, end))) {
      const better = oxfordSpelling(word)
      if (better !== undefined && !allowed?.has(word.toLowerCase())) {
        report(start + at, `"${word}" is written "${better}"`)
      }
    }
  }

  visit(source)
  for (const [start, end] of comments) checkWords(start, end)
  return found

  function visit(node) {
    for (const doc of node.jsDoc ?? []) checkDoc(doc, node)
    if (
      ts.isStringLiteralLike(node) ||
      ts.isTemplateMiddleOrTemplateTail(node) ||
      node.kind === ts.SyntaxKind.TemplateHead
    ) {
      if (!isPath(node.text)) checkWords(node.getStart(), node.getEnd(), spelledByLibraries)
    } else if (ts.isIdentifier(node) && declares(node, isTest)) {
      checkWords(node.getStart(), node.getEnd(), spelledByLibraries)
    }
    const children = node.getChildren(source).filter((child) => !ts.isJSDoc(child))
    for (const child of children) visit(child)
    if (children.length > 0) return
    // Comments lie between tokens.
    for (const range of [
      ...(ts.getLeadingCommentRanges(text, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.end) ?? []),
    ]) {
      comments.set(range.pos, range.end)
    }
  }

  function checkDoc(doc, node) {
    const summary = (ts.getTextOfJSDocComment(doc.comment) ?? '').trim()
    const [start] = summary.match(clauseStarts) ?? []
    if (start) report(doc.getStart(), `a doc comment starts with "${start}"`)
    const field = ts.isPropertySignature(node) || ts.isPropertyDeclaration(node)
    if (field && proseDefault.test(summary)) {
      report(doc.getStart(), 'a default is told in prose: use @defaultValue')
    }
  }
}

/** True for a path, such as that of a fixture. */
function isPath(text) {
  return text.includes('/') && !text.includes(' ')
}

/** True for names that this file declares; libraries and fixtures choose their own names. */
function declares(identifier, isFixture) {
  const { parent } = identifier
  if (parent.name !== identifier) return false
  return (
    ts.isVariableDeclaration(parent) ||
    ts.isFunctionDeclaration(parent) ||
    ts.isClassDeclaration(parent) ||
    ts.isInterfaceDeclaration(parent) ||
    ts.isTypeAliasDeclaration(parent) ||
    ts.isParameter(parent) ||
    ts.isPropertyDeclaration(parent) ||
    (ts.isPropertySignature(parent) && !isFixture) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    (ts.isBindingElement(parent) && parent.propertyName !== undefined)
  )
}

function misspellings(prose) {
  return [...wordsOf(prose)].flatMap(({ word }) => {
    const better = oxfordSpelling(word)
    return better === undefined ? [] : [`"${word}" is written "${better}"`]
  })
}
