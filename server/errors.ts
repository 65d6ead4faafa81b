/**
 * The error catalogue. Every error a person can meet is one line here; it leaves the daemon as
 * RFC 9457 problem+json with `code`, `detail`, `hint` and, for documents, `path`, `line`, `column`.
 */
export const catalogue = {
  // configuration and documents
  'config.invalid': [409, 'config.yml is not valid', 'Correct the line shown; nothing was changed.'],
  'config.unreadable': [
    409,
    'config.yml cannot be read',
    'Check that the file exists and that root may read it.',
  ],
  'config.conflict': [409, 'config.yml changed meanwhile', 'Read it again and repeat the change.'],
  'config.precondition': [428, 'If-Match is missing', 'Send the ETag of the version that you edited.'],
  'config.stale': [412, 'The version that you edited is not the current one', 'Read config.yml again.'],
  'config.write': [507, 'config.yml could not be written', 'Check free space and that the disk is writable.'],
  'plan.confirm': [
    409,
    'This change removes or renames something',
    'Repeat with --yes once you have read the plan.',
  ],
  'document.invalid': [422, 'The document is not valid', 'Correct the place shown.'],
  'input.invalid': [422, 'The request is not valid', 'Correct the field shown.'],
  // templates and minions
  'template.unknown': [404, 'No such template', 'Run `summoner templates` to see what there is.'],
  'template.invalid': [
    422,
    'The template is not valid',
    'Run `summoner template check` and correct what it lists.',
  ],
  'template.refused': [
    422,
    'The template asks for a power over this server',
    'Grant it by name or remove it.',
  ],
  'host.lacking': [422, 'This server lacks what the template needs', 'Do what the hint says, then repeat.'],
  'render.duplicate': [422, 'Two containers would have the same name', 'Choose another minion name.'],
  'render.failed': [422, 'The minion cannot be rendered', 'Correct the place shown.'],
  'minion.unknown': [404, 'No such minion', 'Run `summoner status` to see the minions.'],
  'stack.unknown': [404, 'No such stack', 'Stacks stand in config.yml under `stacks`.'],
  'minion.exists': [409, 'A minion of that name exists', 'Choose another name with --name.'],
  'minion.reserved': [422, 'That name is reserved', 'Choose another name.'],
  'minion.required': [409, 'This minion cannot be removed', 'The proxy is part of every box.'],
  'minion.unhealthy': [424, 'The minion did not become healthy', 'Read its logs with `summoner logs`.'],
  'minion.crashing': [424, 'The minion keeps restarting', 'Read its logs with `summoner logs`.'],
  'minion.unreachable': [424, 'The minion does not answer at its address', 'Run `summoner doctor`.'],
  'minion.busy': [409, 'Another job works on this minion', 'Wait for it or cancel it: `summoner jobs`.'],
  'host.taken': [409, 'That host name is taken', 'Choose another sub-domain.'],
  'subnet.exhausted': [507, 'No free subnet is left', 'Give `subnets` in config.yml a larger range.'],
  'import.refused': [
    422,
    'This file cannot become a minion as it is',
    'Each refusal names its line and what to do.',
  ],
  'import.question': [422, 'The import needs an answer', 'Answer with the option shown.'],
  // images, engine, proxy
  'image.unavailable': [424, 'An image cannot be had', 'Check the network, or set `images: distro`.'],
  'image.build': [424, 'An image could not be built', 'The build log is on the job.'],
  'image.foreign': [409, 'No image of this minion was built here', 'Its registry has its images already.'],
  'image.unpushed': [409, 'That image was never pushed', 'Push it first: `summoner images push MINION`.'],
  'registry.missing': [409, 'No registry runs on this box', 'Add one: `summoner add registry`.'],
  'registry.refused': [502, 'The registry did not take the image', 'Read `summoner logs` of the registry.'],
  'engine.unreachable': [503, 'The Docker engine does not answer', 'Check `systemctl status docker`.'],
  'engine.failed': [502, 'The Docker engine refused', 'The detail is what the engine said.'],
  'engine.missing': [404, 'The container does not exist', 'Run `summoner status`.'],
  'exec.failed': [502, 'A program failed', 'The detail is the end of what it said.'],
  'exec.timeout': [504, 'A program took too long', 'The job may be repeated.'],
  'port.taken': [409, 'A port is in use', 'Stop the program named, then repeat.'],
  'disk.full': [507, 'The disk is full', 'Free some space, then repeat the job.'],
  'disk.failing': [507, 'The disk does not read or write', 'Look at `dmesg`; replace the disk, then repeat.'],
  'disk.readonly': [507, 'The file system is read-only', 'Mount it writable, then repeat.'],
  'proxy.invalid': [500, 'nginx refused the new configuration', 'The last good configuration keeps serving.'],
  'proxy.unreachable': [503, 'nginx does not serve', 'Run `summoner doctor`.'],
  'host.invalid': [422, 'That is not a host name', 'Use letters, digits and hyphens only.'],
  'certificate.unknown': [404, 'No such certificate', 'Run `summoner certificates` to see them.'],
  'certificate.failed': [502, 'A certificate could not be made', 'The detail says why.'],
  // shared databases
  'database.unshared': [
    422,
    'This database cannot be shared',
    'Leave `database: shared` out: a database of its own is the default.',
  ],
  'database.server': [424, 'The shared database server does not run', 'Read its logs with `summoner logs`.'],
  'database.differs': [
    424,
    'The moved database is not what it was',
    'The minion goes on with its database where it was.',
  ],
  'database.occupied': [
    409,
    'Other data lies where the database would move to',
    'Look at it and move it away.',
  ],
  'database.used': [
    409,
    'Minions keep their databases on this server',
    'It goes by itself with the last of them.',
  ],
  // dumps
  'dump.unknown': [404, 'No such dump', 'Run `summoner dumps` to see them.'],
  'dump.unsupported': [422, 'This database engine is not dumped', 'Copy its folders by a cold backup.'],
  'dump.none': [409, 'There is no database to dump', 'The template of this minion declares none.'],
  'dump.stopped': [409, 'The database does not run', 'Start the minion with `summoner start`, then repeat.'],
  'dump.failed': [502, 'A database could not be dumped', 'The detail is what its own program said.'],
  'dump.damaged': [422, 'The dump is damaged', 'Nothing was changed; use another dump.'],
  'dump.foreign': [422, 'The file is not a dump of this database', 'Nothing was changed; use another dump.'],
  'dump.newer': [
    409,
    'The dump comes from a newer version',
    'Nothing was changed; update the minion, then repeat.',
  ],
  'dump.restore': [502, 'A dump could not be restored', 'The detail is what the database said.'],
  // recipes and channels
  'recipe.unknown': [404, 'No such recipe', 'Run `summoner recipes` to see them.'],
  'recipe.exists': [409, 'A recipe of that name exists', 'Choose another name with --name.'],
  'starter.unknown': [404, 'No such starter', 'Run `summoner recipes starters` to see them.'],
  'starter.needs': [422, 'The starter needs an answer', 'Answer with the option shown.'],
  'recipe.event': [422, 'There is no event to try it with', 'Name one with --event, or give a file.'],
  'channel.unknown': [404, 'No such channel', 'Run `summoner channels` to see them.'],
  'channel.failed': [424, 'The channel did not take the message', 'Check the address that its secret holds.'],
  'delivery.unknown': [404, 'No such delivery', 'Run `summoner deliveries` to see them.'],
  'delivery.underway': [409, 'The delivery has not ended', 'Wait for it: it is tried again by itself.'],
  // backups
  'backup.unread': [424, 'Files could not be read', 'Look at the files named, then repeat the backup.'],
  'backup.uncovered': [
    409,
    'A part of the minion would be missing in its backup',
    'Mount a folder below ${VOLUME_STORAGE_ROOT}/${MINION} instead of the volume named.',
  ],
  'backup.unproven': [424, 'What was written is not what was read back', 'Run `summoner doctor`; repeat it.'],
  'set.unknown': [404, 'No such backup set', 'Run `summoner backups` to see what there is.'],
  'set.file': [404, 'No such file in the backup set', 'Open the folder above it and choose from there.'],
  'set.newer': [409, 'The backup set belongs to a newer Summoner', 'Update Summoner first.'],
  'bundle.unknown': [404, 'No such bundle', 'Run `summoner bundles` to see what there is.'],
  'bundle.foreign': [422, 'The file is not a bundle of Summoner', 'Nothing was changed; use another file.'],
  'bundle.password': [422, 'The password does not open the bundle', 'It was shown when the bundle was made.'],
  'bundle.damaged': [422, 'The bundle is damaged', 'Nothing was changed; fetch it again, or use another.'],
  'restore.engine': [
    409,
    'The set holds files of another database version',
    'Give the minion that version in config.yml (`version` or `env`), or restore the dump of the set.',
  ],
  'restore.box': [
    409,
    'The set of the box itself is restored on a bare server',
    'Run `./install.sh --restore-from DESTINATION` there; docs/disaster-recovery.md.',
  ],
  'restore.occupied': [
    409,
    'Data of another time lies where the set would go',
    'Summon the minion first, or remove its data with `summoner remove NAME --purge`.',
  ],
  'proof.failed': [
    424,
    'The backup set does not work when restored',
    'Make another backup; read the log of the job.',
  ],
  'proof.impossible': [409, 'This minion cannot be proven', 'It is covered by the set of the box itself.'],
  'repository.password': [
    409,
    'The password does not open the repository',
    'Put the password of the recovery sheet into the file named.',
  ],
  'repository.missing': [409, 'There is no repository there', 'Check the address of the destination.'],
  'repository.damaged': [
    409,
    'The repository is damaged, or not one of Summoner',
    'Use another destination; nothing here was changed.',
  ],
  'destination.unknown': [404, 'No such destination', 'Run `summoner destinations` to see them.'],
  'destination.failed': [
    502,
    'The destination did not take the copy',
    'Check the address, the credentials and the line; it is tried again by itself.',
  ],
  'destination.absent': [
    409,
    'The place of the destination is not there',
    'Mount the disk, or make the folder; it is tried again by itself.',
  ],
  'destination.changed': [
    409,
    'The destination is not the one that held the copies',
    'Look at what happened there. To begin anew, give it another name in config.yml.',
  ],
  'destination.shared': [
    409,
    'Another server runs as this box',
    'Switch one of them off. Where this one goes on: `summoner destinations copy NAME --take-over`.',
  ],
  'repository.ambiguous': [
    409,
    'Several boxes lie there',
    'Name one of them in SUMMONER_RESTORE_BOX, then repeat; nothing was changed.',
  ],
  'restore.database': [409, 'The database of the set lies elsewhere', 'Do what the hint says, then repeat.'],
  'repository.foreign': [
    409,
    'The repository is not one of Summoner',
    'Check the address; nothing was changed.',
  ],
  'recovery.partial': [
    424,
    'Not every minion is back',
    'Mend the cause, then bring each of them back with `summoner restore NAME`.',
  ],
  'repository.locked': [409, 'Another program uses the repository', 'Wait until it has ended.'],
  // database
  'database.newer': [
    500,
    'The database belongs to a newer Summoner',
    'Check out that version again, or put back the copy that was made before it migrated.',
  ],
  'database.failed': [
    500,
    'The database cannot be used',
    'Read the daemon log; check the disk and its folder.',
  ],
  'socket.failed': [500, 'A socket cannot be opened', 'Choose a shorter path for the data folder.'],
  'entry.exists': [409, 'An entry of that name exists', 'Choose another name.'],
  'entry.unknown': [404, 'No such entry in config.yml', 'Check the name.'],
  // webhooks
  'source.unknown': [404, 'No such source', 'Run `summoner hooks` to see them.'],
  'hook.unknown': [404, 'No such webhook address', 'Run `summoner hooks` to see the sources.'],
  'hook.refused': [401, 'The webhook does not prove who sent it', 'Check the secret in the tool and here.'],
  'hook.stale': [401, 'The webhook was signed at another time', 'Check the clocks of both machines.'],
  'hook.malformed': [
    400,
    'The webhook cannot be read',
    'Send well-formed JSON, or a form where one is accepted.',
  ],
  'hook.slow': [408, 'The webhook came in too slowly', 'Send it again.'],
  'hook.busy': [503, 'Too much comes in at once', 'Send it again in a few seconds.'],
  'hook.unconnectable': [
    422,
    'This minion cannot be connected by Summoner',
    'Do it by hand: the steps are in `summoner hooks add`.',
  ],
  'hook.connect': [502, 'The tool did not take the webhook', 'The detail is what it said.'],
  // jobs, secrets, access
  'event.unknown': [404, 'No such event', 'Run `summoner events`; the oldest ones are dropped.'],
  'job.unknown': [404, 'No such job', 'Run `summoner jobs`.'],
  'job.finished': [409, 'The job has ended', 'There is nothing to cancel.'],
  'job.interrupted': [409, 'The job was interrupted', 'Read its log, then repeat it.'],
  'job.crashed': [500, 'Summoner stopped each time it ran this job', 'The daemon log has the details.'],
  'job.cancelled': [409, 'The job was cancelled', 'Repeat it when you like.'],
  'secret.unknown': [404, 'No such secret', 'Set it with `summoner secret set`.'],
  'token.unknown': [404, 'No such token', 'Run `summoner token list`.'],
  'auth.required': [401, 'You are not signed in', 'Sign in, or send `Authorization: Bearer …` with a token.'],
  'auth.refused': [403, 'Your role does not allow this', 'Ask an administrator.'],
  'auth.failed': [401, 'You could not be signed in', 'Check the name and the password, then try again.'],
  'auth.code': [401, 'A code is needed', 'Send `code`: of your application, or a recovery code.'],
  'auth.paused': [429, 'Too many failed tries', 'Wait, or ask an administrator for a new link.'],
  'auth.confirm': [403, 'Confirm that it is you', 'Enter your password again, then repeat.'],
  'auth.origin': [403, 'The request comes from another page', 'Open the page of this box itself.'],
  'terminal.off': [
    403,
    'Terminals are switched off',
    'Write `terminal: true` under `summoner` in config.yml to allow them.',
  ],
  'terminal.unknown': [404, 'No such terminal', 'It has ended: open another.'],
  'terminal.many': [409, 'Too many terminals are open', 'Close one first.'],
  'terminal.container': [
    409,
    'That container does not run',
    'Start the minion, or choose another container.',
  ],
  'session.unknown': [404, 'No such session', 'It may have ended.'],
  'session.needed': [403, 'This belongs to a person', 'Sign in with a browser; a token has no account.'],
  'link.invalid': [410, 'The link does not work', 'Links work once: ask an administrator for a new one.'],
  'setup.done': [409, 'The box is set up', 'Sign in, or run `summoner user reset-link NAME` on the server.'],
  'user.unknown': [404, 'No such user', 'Run `summoner user list` to see them.'],
  'user.exists': [409, 'A user of that name exists', 'Choose another name.'],
  'user.last': [409, 'A box needs an administrator', 'Make somebody else an administrator first.'],
  'password.weak': [
    422,
    'That password is easy to guess',
    'Take several words, or let a password safe make one.',
  ],
  'totp.wrong': [422, 'The code is not right', 'Check the clock of your phone, then try the next code.'],
  'passkey.refused': [422, 'The passkey was not accepted', 'Try again, or sign in with your password.'],
  'passkey.unknown': [404, 'No such passkey', 'It may have been removed.'],
  'request.malformed': [400, 'The request cannot be read', 'Send valid JSON.'],
  'request.too-large': [413, 'The request is too large', 'Send less.'],
  'request.type': [415, 'The content type is not accepted', 'Send application/json.'],
  'request.rate': [429, 'Too many requests', 'Wait a moment.'],
  'route.unknown': [404, 'No such address', 'The API is described at /api/v1/openapi.json.'],
  internal: [
    500,
    'Something went wrong inside Summoner',
    'The daemon log has the details; please report it.',
  ],
} as const satisfies Record<string, readonly [status: number, title: string, hint: string]>

export type ErrorCode = keyof typeof catalogue

/** A place in a document: `line` and `column` count from 1; `path` is the file or the key path in it. */
export interface Place {
  path?: string
  line?: number
  column?: number
}

/** RFC 9457 body. `errors` lists every finding of a document, the first one is also the body's own place. */
export interface Problem extends Place {
  type: string
  title: string
  status: number
  code: ErrorCode
  detail: string
  hint: string
  errors?: ({ detail: string; hint?: string } & Place)[]
}

export interface ErrorOptions {
  at?: Place
  hint?: string
  errors?: Problem['errors']
  cause?: unknown
}

export class SummonerError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly hint: string
  readonly at: Place
  readonly errors: Problem['errors']

  /** `detail` says what and why in one or two sentences, for people. */
  constructor(code: ErrorCode, detail: string, options: ErrorOptions = {}) {
    super(detail, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'SummonerError'
    const [status, , hint] = catalogue[code]
    this.code = code
    this.status = status
    this.hint = options.hint ?? hint
    this.at = options.at ?? {}
    this.errors = options.errors
  }

  toProblem(): Problem {
    return {
      type: `urn:summoner:problem:${this.code}`,
      title: catalogue[this.code][1],
      status: this.status,
      code: this.code,
      detail: this.message,
      hint: this.hint,
      ...this.at,
      ...(this.errors ? { errors: this.errors } : {}),
    }
  }
}

/** Any thrown value as a catalogue error; what is not ours becomes `internal` and keeps its cause for the log. */
export function asSummonerError(error: unknown): SummonerError {
  if (error instanceof SummonerError) return error
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  const message = error instanceof Error ? error.message : String(error)
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL')
    return new SummonerError('disk.full', message, { cause: error })
  if (code === 'EIO' || code?.startsWith('SQLITE_IOERR'))
    return new SummonerError('disk.failing', message, { cause: error })
  if (code === 'EROFS' || code === 'SQLITE_READONLY')
    return new SummonerError('disk.readonly', message, { cause: error })
  return new SummonerError('internal', 'An unexpected error occurred.', { cause: error })
}
