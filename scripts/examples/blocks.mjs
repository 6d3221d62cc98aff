/**
 * Reads the `@example` tags of a doc comment.
 *
 * @param {string} comment the comment with its slashes and stars
 * @returns {{ code: string, line: number, run: boolean }[]} one entry a ```ts block, `line` counted
 *   from the comment's first line, and `run` false for a block that is fenced ```ts no-run; an
 *   `@example` without such a block gives one entry whose code is empty
 */
export function exampleBlocks(comment) {
  const lines = comment
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
  const blocks = []
  let example
  let block
  for (const [index, line] of lines.entries()) {
    if (block) {
      if (/^\s*```\s*$/.test(line)) block = undefined
      else if (block.counts) block.code += `${line}\n`
      continue
    }
    const tag = line.match(/^\s*@(\w+)/)
    if (tag) {
      example = undefined
      if (tag[1] === 'example') {
        example = { code: '', line: index, run: true }
        blocks.push(example)
      }
    }
    const fence = line.match(/^\s*```(\w*)\s*(.*?)\s*$/)
    if (!fence) continue
    const counts = example !== undefined && fence[1] === 'ts'
    block = { code: '', line: index + 1, run: fence[2] !== 'no-run', counts }
    if (!counts) continue
    // The first block takes the place of the entry that says that there is none.
    if (blocks.at(-1) === example) blocks.pop()
    blocks.push(block)
  }
  return blocks.map(({ code, line, run }) => ({ code, line, run }))
}
