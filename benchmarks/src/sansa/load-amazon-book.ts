import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { givenSplit, readLightGcnLines } from '@gnnrec/data'
import type { Split } from '@gnnrec/graph'

/**
 * Loads the official split of Amazon-book from `train.txt` and `test.txt`, plain or as .gz, in the folder `amazon-book`
 * of GNNREC_DATA_DIR.
 *
 * @throws FileReadError when a file is not there
 */
export async function loadAmazonBook(): Promise<Split> {
  const folder = join(process.env['GNNREC_DATA_DIR'] ?? '.', 'amazon-book')
  const [train, test] = await Promise.all([
    readPart(folder, 'train.txt'),
    readPart(folder, 'test.txt'),
  ])
  return givenSplit({ train, test })
}

function readPart(folder: string, file: string) {
  const packed = join(folder, `${file}.gz`)
  return readLightGcnLines(existsSync(packed) ? packed : join(folder, file))
}
