/** A page of a column of texts. */
export interface TestPage {
  /** The number of values. */
  readonly count: number
  /** The content as it stands in the file. */
  readonly content: Uint8Array
  /** The length of the content when it is unpacked. */
  readonly unpacked?: number
  /** The number of the encoding. */
  readonly encoding?: number
}

const structEnd = 0
const integer = 5
const long = 6
const binary = 8
const list = 9
const struct = 12

type Part = [field: number, kind: number, bytes: number[]]

/** Makes a Parquet file of two columns of texts, `user` and `item`, in one row group. */
export function parquetFile(
  codec: 'uncompressed' | 'gzip',
  columns: { readonly user: readonly TestPage[]; readonly item: readonly TestPage[] },
): Uint8Array {
  const file: number[] = [...Buffer.from('PAR1')]
  const chunks = Object.entries(columns).map(([name, pages]) => {
    const start = file.length
    for (const page of pages) append(file, page)
    const rows = pages.reduce((sum, { count }) => sum + count, 0)
    return { name, start, length: file.length - start, rows }
  })
  const text = (value: string): number[] => [...varint(value.length), ...Buffer.from(value)]
  const [{ rows }] = chunks
  const schema = [
    fields([4, binary, text('schema')], [5, integer, zigZag(2)]),
    ...chunks.map(({ name }) =>
      fields(
        [1, integer, zigZag(6)],
        [3, integer, zigZag(0)],
        [4, binary, text(name)],
        [6, integer, zigZag(0)],
      ),
    ),
  ]
  const group = fields(
    [
      1,
      list,
      listOf(
        struct,
        chunks.map((chunk) => columnOf(chunk, codec)),
      ),
    ],
    [2, long, zigZag(file.length)],
    [3, long, zigZag(rows)],
  )
  const footer = fields(
    [1, integer, zigZag(1)],
    [2, list, listOf(struct, schema)],
    [3, long, zigZag(rows)],
    [4, list, listOf(struct, [group])],
  )
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  return Uint8Array.from([...file, ...footer, ...length, ...Buffer.from('PAR1')])

  function columnOf(
    { name, start, length: size, rows: values }: (typeof chunks)[number],
    by: 'uncompressed' | 'gzip',
  ): number[] {
    const description = fields(
      [1, integer, zigZag(6)],
      [2, list, listOf(integer, [zigZag(0)])],
      [3, list, listOf(binary, [text(name)])],
      [4, integer, zigZag(by === 'gzip' ? 2 : 0)],
      [5, long, zigZag(values)],
      [6, long, zigZag(size)],
      [7, long, zigZag(size)],
      [9, long, zigZag(start)],
    )
    return fields([2, long, zigZag(start)], [3, struct, description])
  }
}

/** Returns integers that grow by the same step, as Parquet writes deltas. */
export function deltas(count: number, first: number, step: number): number[] {
  const bytes = [...varint(128), ...varint(4), ...varint(count), ...zigZag(first)]
  for (let left = count - 1; left > 0; left -= 128) bytes.push(...zigZag(step), 0, 0, 0, 0)
  return bytes
}

function append(file: number[], { count, content, unpacked, encoding = 0 }: TestPage): void {
  const head = fields(
    [1, integer, zigZag(0)],
    [2, integer, zigZag(unpacked ?? content.length)],
    [3, integer, zigZag(content.length)],
    [
      5,
      struct,
      fields(
        [1, integer, zigZag(count)],
        [2, integer, zigZag(encoding)],
        [3, integer, zigZag(3)],
        [4, integer, zigZag(3)],
      ),
    ],
  )
  for (const byte of head) file.push(byte)
  for (const byte of content) file.push(byte)
}

function fields(...parts: Part[]): number[] {
  let before = 0
  const bytes = parts.flatMap(([field, kind, content]) => {
    const head = ((field - before) << 4) | kind
    before = field
    return [head, ...content]
  })
  return [...bytes, structEnd]
}

function listOf(kind: number, items: readonly number[][]): number[] {
  return [(items.length << 4) | kind, ...items.flat()]
}

function zigZag(value: number): number[] {
  return varint(value * 2)
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80)
  return [...bytes, left]
}
