import { readFile } from 'node:fs/promises'
import { isCollection, isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml'
import { type DefinitionProblem, ExperimentFileError } from '../errors.js'

/** The content of a YAML file, with its lines. */
export interface YamlSource {
  readonly value: unknown
  /** Returns the 1-based line of the value at a path, or of the nearest value around it. */
  lineOf(path: DefinitionProblem['path']): number
}

/**
 * Parses YAML 1.2: `1e-4` is a number, `yes` is a string. JSON is YAML, too.
 *
 * @param file - name of the file, for errors
 * @throws ExperimentFileError with the line of every mistake: wrong indentation, a key that comes twice
 */
export function parseYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' })
  const mistakes = [...document.errors, ...document.warnings]
  if (mistakes.length > 0) {
    throw new ExperimentFileError(
      file,
      mistakes.map(({ message, pos }) => ({
        path: [],
        message: `${message}.`.replace(/\.\.$/, '.'),
        line: lines.linePos(pos[0]).line,
      })),
      { cause: mistakes[0] },
    )
  }
  const lineOfNode = (node: Node | null | undefined) =>
    node?.range ? lines.linePos(node.range[0]).line : undefined
  return {
    value: document.toJS({ maxAliasCount: 100 }) ?? null,
    lineOf(path) {
      let node: unknown = document.contents
      let line = lineOfNode(document.contents) ?? 1
      for (const key of path) {
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

/** Reads a text file. @throws ExperimentFileError when the file cannot be read */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const message = `cannot be read: ${(cause as Error).message}.`
    throw new ExperimentFileError(file, [{ path: [], message }], { cause })
  }
}
