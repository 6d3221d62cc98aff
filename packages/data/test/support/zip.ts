import { crc32, deflateRawSync } from 'node:zlib'

/** A file for an archive, with the true or false statements of the archive about it. */
interface PackedFile {
  readonly name: string
  readonly content: string | Uint8Array
  /**
   * The unpacked size that the archive states.
   *
   * @defaultValue the true size
   */
  readonly statedSize?: number
  /**
   * The checksum that the archive states.
   *
   * @defaultValue the true checksum
   */
  readonly statedChecksum?: number
  /**
   * The method that the archive states: 0 for stored, 8 for deflate. Other methods are only stated.
   *
   * @defaultValue `8`
   */
  readonly method?: number
  readonly isEncrypted?: boolean
}

/** Makes a zip archive, which may be damaged or hostile. */
export function zip(files: readonly PackedFile[]): Uint8Array {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const { name, content, statedSize, statedChecksum, method = 8, isEncrypted } of files) {
    const bytes = Buffer.from(content)
    const packed = method === 0 ? bytes : deflateRawSync(bytes)
    const file = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(isEncrypted ? 0x801 : 0x800, 2)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(statedChecksum ?? crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(statedSize ?? bytes.length, 18)
    common.writeUInt16LE(file.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, file, packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    centrals.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, file]))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}
