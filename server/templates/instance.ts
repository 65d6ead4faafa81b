/** The instance folder of a minion, as other rooms use it. */
export { createFolders } from './create-folders.ts'
export { readInstance, readKept } from './read-instance.ts'
export { acceptInstance, restorePrevious, writeInstance } from './write-instance.ts'
