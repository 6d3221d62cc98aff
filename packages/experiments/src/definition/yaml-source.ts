import { readRegularFile } from '@gnnrec/graph/files'
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml'
import { type DefinitionProblem, ExperimentFileError } from '../errors.js'
import { excess, mostLevels, mostValues } from './levels.js'

/** The content of a YAML file, with its lines. */
export interface YamlSource {
  readonly value: unknown
  /** Returns the 1-based line of the value at a path, or of the nearest value around it. */
  lineOf(path: DefinitionProblem['path']): number
}

/** Largest number of aliases, and of values that they may repeat. */
const mostAliases = 100
/** Largest number of words and signs. A value takes some of them, with its key, its indentation and a comment. */
const mostLexemes = 4 * mostValues
/** Largest number of mistakes that are listed. */
const mostMistakes = 100
/** Largest size of a file, in bytes. A definition has some thousands. */
const mostBytes = 2 ** 20

/**
 * Parses YAML 1.2: `1e-4` is a number, `yes` is a string. JSON is YAML, too.
 *
 * @param file - name of the file, for errors
 * @throws ExperimentFileError with the line of every mistake: wrong indentation, a key that comes twice,
 * an alias without an anchor or within its own, several documents, too many levels
 */
export function parseYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter()
  checkTokens(text, file)
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    logLevel: 'error',
    // The library compares each key with each other one of its map, which takes minutes for a large file.
    uniqueKeys: false,
  })
  const lineAt = (offset: number) => lines.linePos(offset).line
  const mistakes = [
    ...[...document.errors, ...document.warnings].map((mistake) => ({
      message: mistakeText(mistake),
      line: lineAt(mistake.pos[0]),
    })),
    ...[...aliasMistakes(document), ...repeatedKeys(document)].map(({ message, offset }) => ({
      message,
      line: lineAt(offset),
    })),
  ]
  if (mistakes.length > 0) {
    const problems = mistakes.slice(0, mostMistakes).map((mistake) => ({ path: [], ...mistake }))
    throw new ExperimentFileError(file, problems, { cause: document.errors[0] })
  }
  const lineOfNode = (node: Node | null | undefined) =>
    node?.range ? lineAt(node.range[0]) : undefined
  return {
    value: contentOf(document, file),
    lineOf(path) {
      let node: unknown = document.contents
      let line = lineOfNode(document.contents) ?? 1
      for (const key of path) {
        if (isAlias(node)) node = node.resolve(document)
        if (!isCollection(node)) break
        const pair = isMap(node)
          ? node.items.find((each) => isScalar(each.key) && String(each.key.value) === String(key))
          : undefined
        node = pair ? pair.value : node.get(key, true)
        const found = isPair(pair) ? lineOfNode(pair.key as Node) : lineOfNode(node as Node)
        if (found === undefined) break
        line = found
      }
      return line
    },
  }
}

/**
 * Refuses deep nesting while tokens are read, since everything after that works by recursion, and a great many tokens,
 * since everything after that keeps an object for each.
 */
function checkTokens(text: string, file: string): void {
  let newLines = 0
  let lexemes = 0
  const parser = new Parser(() => newLines++)
  for (const lexeme of new Lexer().lex(text)) {
    // The documents are of no interest here, only how deep the parser is in them.
    for (const _ of parser.next(lexeme));
    lexemes++
    const isDeep = parser.stack.length > mostLevels
    if (!isDeep && lexemes <= mostLexemes) continue
    const message = isDeep
      ? `lists and keys are nested more than ${mostLevels} levels deep; a definition has six. Flatten this part.`
      : `there are more than ${mostLexemes} words and signs; a definition has some hundreds. Make several experiments.`
    throw new ExperimentFileError(file, [{ path: [], message, line: newLines + 1 }])
  }
}

function mistakeText({ code, message }: YAMLError): string {
  if (code === 'MULTIPLE_DOCS') {
    return "a second document starts here; a file holds one experiment, so remove the line '---' or write a file for each."
  }
  return `${message}.`.replace(/\.\.$/, '.')
}

/** A mistake and the place of the character where it begins. */
interface Mistake {
  readonly message: string
  readonly offset: number
}

/** Finds keys that their map has already. */
function repeatedKeys(document: Document.Parsed): Mistake[] {
  const mistakes: Mistake[] = []
  visit(document, {
    Map(_, map) {
      const keys = new Set<unknown>()
      for (const { key } of map.items) {
        const name = isScalar(key) ? key.value : key
        if (keys.has(name)) {
          const message = `Map keys must be unique; '${String(name)}' stands here a second time.`
          mistakes.push({ message, offset: (key as Node).range?.[0] ?? 0 })
        }
        keys.add(name)
      }
    },
  })
  return mistakes
}

/** Finds aliases that stand for nothing, or for something that they are a part of. */
function aliasMistakes(document: Document.Parsed): Mistake[] {
  const mistakes: Mistake[] = []
  const anchors = new Map<string, Node>()
  let aliases = 0
  visit(document, {
    Value(_, node) {
      if (node.anchor) anchors.set(node.anchor, node)
    },
    Alias(_, alias, path) {
      const offset = alias.range?.[0] ?? 0
      const target = anchors.get(alias.source)
      if (++aliases > mostAliases) {
        const message = `there are more than ${mostAliases} aliases; write values out or use fewer.`
        mistakes.push({ message, offset })
        return visit.BREAK
      }
      if (target === undefined) {
        const message = `the alias *${alias.source} has no anchor &${alias.source} before it; write the anchor at the value that it repeats, or put the name in quotes.`
        mistakes.push({ message, offset })
      } else if (path.includes(target)) {
        const message = `the alias *${alias.source} stands within the value that it repeats, which would have no end; write out what is meant.`
        mistakes.push({ message, offset })
      }
      return undefined
    },
  })
  return mistakes
}

function contentOf(document: Document.Parsed, file: string): unknown {
  let content: unknown
  try {
    content = document.toJS({ maxAliasCount: mostAliases }) ?? null
  } catch (cause) {
    const message = `aliases repeat more than ${mostAliases} values; write them out or use fewer (${(cause as Error).message}).`
    throw new ExperimentFileError(file, [{ path: [], message, line: 1 }], { cause })
  }
  const tooMuch = excess(content)
  if (!tooMuch) return content
  const message = `the file has ${tooMuch}, counting what aliases repeat; a definition has six levels and some hundreds of values. Write out what is meant, or make several experiments.`
  throw new ExperimentFileError(file, [{ path: [], message, line: 1 }])
}

/**
 * Reads a text file of at most 1 MiB.
 *
 * @throws ExperimentFileError when the file cannot be read, is no regular file, is larger, or is not UTF-8
 */
export async function readText(file: string): Promise<string> {
  try {
    const bytes = await readRegularFile(file, { mostBytes })
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const message = `cannot be read: ${(cause as Error).message}.`
    throw new ExperimentFileError(file, [{ path: [], message }], { cause })
  }
}
