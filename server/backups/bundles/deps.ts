import type { BackupDeps } from '../deps.ts'
import type { Repository } from '../repository.ts'

export interface BundleDeps extends BackupDeps {
  /** Where bundles lie. */
  folder: string
  /** Folder of one job, with the password of its bundle in a file. */
  workOf(work: string): string
  /** The repository in the work folder, opened by that password. */
  repositoryIn(work: string): Repository
}
