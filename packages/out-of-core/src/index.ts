export {
  BlockFileError,
  BlockFileMismatchError,
  DiskFullError,
  MemoryLimitError,
} from './errors.js'
