/** Every command there is: parsing, help and completion know no other. */
import type { Command } from './command.ts'
import { add } from './commands/add.ts'
import { apply } from './commands/apply.ts'
import { audit } from './commands/audit.ts'
import { backup, backups, backupsPrune, prove, restore } from './commands/backups.ts'
import { bundleCreate, bundleRestore, bundles, bundlesRemove } from './commands/bundle.ts'
import { certificates, certificatesCheck, certificatesRenew } from './commands/certificates.ts'
import { channels, channelsAdd, channelsRemove, channelsTest } from './commands/channels.ts'
import { complete, completion } from './commands/completion.ts'
import { databases } from './commands/databases.ts'
import { deliveries, deliveriesReplay } from './commands/deliveries.ts'
import { destinations, destinationsCheck, destinationsCopy } from './commands/destinations.ts'
import { doctor } from './commands/doctor.ts'
import { dump, dumps, restoreDump } from './commands/dump.ts'
import { events, eventsTail } from './commands/events.ts'
import { help } from './commands/help.ts'
import { hooks, hooksAdd, hooksConnect, hooksRemove, hooksRevoke, hooksRotate } from './commands/hooks.ts'
import { images, imagesPull, imagesPush } from './commands/images.ts'
import { importCommand } from './commands/import.ts'
import { job } from './commands/job.ts'
import { jobs } from './commands/jobs.ts'
import { logs } from './commands/logs.ts'
import { plan } from './commands/plan.ts'
import { restart, start, stop } from './commands/power.ts'
import {
  recipes,
  recipesAdd,
  recipesDisable,
  recipesEnable,
  recipesRemove,
  recipesStarters,
  recipesTest,
} from './commands/recipes.ts'
import { recoverySheet } from './commands/recovery-sheet.ts'
import { remove } from './commands/remove.ts'
import { schedules } from './commands/schedules.ts'
import { secretList, secretRemove, secretSet } from './commands/secret.ts'
import { secrets } from './commands/secrets.ts'
import { down, up } from './commands/stack.ts'
import { status } from './commands/status.ts'
import { templateNew } from './commands/template-new.ts'
import { templateTest } from './commands/template-test.ts'
import { templateCheck, templates } from './commands/templates.ts'
import { tokenCreate, tokenList, tokenRemove } from './commands/token.ts'
import { userAdd, userList, userRemove, userResetLink, userRole, userSetupLink } from './commands/user.ts'
import { version } from './commands/version.ts'
import { vhosts } from './commands/vhosts.ts'

export const commands: readonly Command[] = [
  status,
  plan,
  apply,
  templates,
  templateNew,
  templateCheck,
  templateTest,
  add,
  remove,
  start,
  stop,
  restart,
  up,
  down,
  logs,
  secrets,
  importCommand,
  images,
  imagesPush,
  imagesPull,
  dump,
  dumps,
  restoreDump,
  backup,
  backups,
  backupsPrune,
  restore,
  prove,
  bundleCreate,
  bundleRestore,
  bundles,
  bundlesRemove,
  destinations,
  destinationsCopy,
  destinationsCheck,
  recoverySheet,
  events,
  eventsTail,
  hooks,
  hooksAdd,
  hooksConnect,
  hooksRotate,
  hooksRevoke,
  hooksRemove,
  recipes,
  recipesTest,
  recipesStarters,
  recipesAdd,
  recipesRemove,
  recipesEnable,
  recipesDisable,
  channels,
  channelsAdd,
  channelsTest,
  channelsRemove,
  deliveries,
  deliveriesReplay,
  certificates,
  certificatesRenew,
  certificatesCheck,
  vhosts,
  databases,
  secretSet,
  secretList,
  secretRemove,
  jobs,
  job,
  schedules,
  doctor,
  tokenCreate,
  tokenList,
  tokenRemove,
  userList,
  userAdd,
  userRole,
  userRemove,
  userResetLink,
  userSetupLink,
  audit,
  version,
  completion,
  help,
  complete,
]
