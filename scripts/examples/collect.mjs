import ts from 'typescript'
import { exampleBlocks } from './blocks.mjs'

/**
 * Finds the examples in the doc comments of all that a package exports, members of classes and
 * interfaces included.
 *
 * @param {ts.Program} program a program that holds the entries
 * @param {string[]} entries source files of the package's entries
 * @returns the examples, each with the name of its export, source file and line, and the names of
 *   the exported functions and classes that have none
 */
export function collectExamples(program, entries) {
  const checker = program.getTypeChecker()
  const examples = []
  const missing = []
  const seen = new Set()

  for (const entry of entries) {
    const source = program.getSourceFile(entry)
    if (!source) throw new Error(`${entry} is not in the program`)
    const module = checker.getSymbolAtLocation(source)
    if (module) visitModule(module, '')
  }
  return { examples, missing: missing.sort() }

  function visitModule(module, prefix) {
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol =
        exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      if (seen.has(symbol)) continue
      seen.add(symbol)
      const name = `${prefix}${exported.name}`
      if (symbol.flags & ts.SymbolFlags.ValueModule) visitModule(symbol, `${name}.`)
      else visitExport(symbol, name)
    }
  }

  function visitExport(symbol, name) {
    const declarations = symbol.declarations ?? []
    const own = declarations.flatMap((declaration) => examplesAt(declaration, name))
    examples.push(...own)
    for (const declaration of declarations) {
      if (!ts.isClassDeclaration(declaration) && !ts.isInterfaceDeclaration(declaration)) continue
      for (const member of declaration.members) {
        const memberName = member.name ? member.name.getText() : 'constructor'
        examples.push(...examplesAt(member, `${name}.${memberName}`))
      }
    }
    if (own.length === 0 && needsExample(symbol)) missing.push(name)
  }

  function needsExample(symbol) {
    if (symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Class)) return true
    if (!(symbol.flags & ts.SymbolFlags.Variable)) return false
    return checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0
  }
}

function examplesAt(declaration, name) {
  const source = declaration.getSourceFile()
  return ts
    .getJSDocCommentsAndTags(declaration)
    .filter(ts.isJSDoc)
    .flatMap((comment) => {
      const { line } = source.getLineAndCharacterOfPosition(comment.getStart())
      return exampleBlocks(comment.getText()).map((block) => ({
        name,
        source: source.fileName,
        // Counted from 1, as editors do.
        line: line + block.line + 1,
        code: block.code,
        run: block.run,
      }))
    })
}
