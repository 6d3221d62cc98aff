export { FileDraft, replaceFile } from './files/file-draft.js'
export { Sha256, sha256Hex } from './files/sha256.js'
export { syncFolder, writeSynced } from './files/synced-files.js'
export { isSystemError } from './files/system-error.js'
