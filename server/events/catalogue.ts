/** Every event that Summoner appends itself, with a line for people and a sample for whoever writes a recipe. */
import type { Event } from './event.ts'

interface OwnEvent {
  summary: { en: string; fr: string }
  severity?: Event['severity']
  /** What such an event says, as an example. */
  title: string
  minion?: string
  data?: Record<string, unknown>
}

export const OWN_EVENTS = {
  // minions
  'minion.summoned': {
    summary: { en: 'A minion was deployed', fr: 'Un minion a été déployé' },
    title: 'cloud was summoned',
    minion: 'cloud',
  },
  'minion.failed': {
    summary: { en: 'A job of a minion failed', fr: 'Une opération sur un minion a échoué' },
    severity: 'error',
    title: 'cloud: summon failed. The image cannot be had.',
    minion: 'cloud',
    data: { job: 'a1b2c3d4e5f6', kind: 'summon', code: 'image.unavailable' },
  },
  'minion.dismissed': {
    summary: { en: 'A minion was removed', fr: 'Un minion a été retiré' },
    title: 'cloud was dismissed',
    minion: 'cloud',
  },
  'minion.started': {
    summary: { en: 'A minion was started', fr: 'Un minion a été démarré' },
    title: 'cloud was started',
    minion: 'cloud',
  },
  'minion.stopped': {
    summary: { en: 'A minion was stopped', fr: 'Un minion a été arrêté' },
    title: 'cloud was stopped',
    minion: 'cloud',
  },
  'minion.died': {
    summary: { en: 'A container of a minion died', fr: 'Un conteneur d’un minion est mort' },
    severity: 'error',
    title: 'cloud-example.org ran out of memory (exit code 137); the engine starts it again',
    minion: 'cloud',
    data: { container: 'cloud-example.org', exitCode: 137, starved: true },
  },
  'minion.unhealthy': {
    summary: { en: 'A minion is unhealthy', fr: 'Un minion est en mauvaise santé' },
    severity: 'warning',
    title: 'cloud-example.org is unhealthy',
    minion: 'cloud',
  },
  'minion.recovered': {
    summary: { en: 'A minion is healthy again', fr: 'Un minion va de nouveau bien' },
    title: 'cloud is healthy again',
    minion: 'cloud',
  },
  'minion.crash-looping': {
    summary: { en: 'A minion keeps restarting', fr: 'Un minion redémarre sans cesse' },
    severity: 'error',
    title: 'cloud keeps restarting (cloud-example.org, exit code 1)',
    minion: 'cloud',
  },
  'minion.updated': {
    summary: { en: 'A minion runs another version', fr: 'Un minion a changé de version' },
    title: 'cloud was updated from 34.0.2 to 34.0.3',
    minion: 'cloud',
    data: { from: '34.0.2', to: '34.0.3' },
  },
  // backups
  'dump.succeeded': {
    summary: { en: 'The databases of a minion were dumped', fr: 'Les bases d’un minion ont été exportées' },
    title: 'cloud was dumped',
    minion: 'cloud',
  },
  'dump.failed': {
    summary: { en: 'A dump failed', fr: 'Un export de base a échoué' },
    severity: 'error',
    title: 'The dump of cloud failed: the database does not answer',
    minion: 'cloud',
  },
  'backup.succeeded': {
    summary: { en: 'A minion was backed up', fr: 'Un minion a été sauvegardé' },
    title: 'cloud was backed up: cloud-20260301-020000',
    minion: 'cloud',
  },
  'backup.failed': {
    summary: { en: 'A backup failed', fr: 'Une sauvegarde a échoué' },
    severity: 'error',
    title: 'The backup of cloud failed: the disk is full.',
    minion: 'cloud',
  },
  'backup.late': {
    summary: { en: 'A backup is overdue', fr: 'Une sauvegarde est en retard' },
    severity: 'warning',
    title: 'backup of cloud: 2026-03-01 02:00 was missed, it runs now',
    minion: 'cloud',
  },
  'restore.succeeded': {
    summary: { en: 'A minion was restored', fr: 'Un minion a été restauré' },
    title: 'cloud was restored from cloud-20260301-020000',
    minion: 'cloud',
  },
  'restore.failed': {
    summary: { en: 'A restore failed', fr: 'Une restauration a échoué' },
    severity: 'error',
    title: 'The restore of cloud failed: the disk is full.',
    minion: 'cloud',
  },
  'proof.succeeded': {
    summary: { en: 'A backup was proven to restore', fr: 'Une sauvegarde a prouvé qu’elle se restaure' },
    title: 'cloud-20260301-020000 was restored and works: back within 2 min',
    minion: 'cloud',
  },
  'proof.failed': {
    summary: { en: 'A backup does not restore', fr: 'Une sauvegarde ne se restaure pas' },
    severity: 'error',
    title: 'cloud-20260301-020000 does not work when restored: its database does not start',
    minion: 'cloud',
  },
  'recovery.succeeded': {
    summary: {
      en: 'The box was restored on a new server',
      fr: 'Le serveur a été restauré sur une nouvelle machine',
    },
    title: 'The box is back as of 2026-03-01 02:00',
  },
  'recovery.failed': {
    summary: { en: 'Minions could not be restored', fr: 'Des minions n’ont pas pu être restaurés' },
    severity: 'error',
    title: 'The box is back, but not cloud',
    data: { minions: ['cloud'] },
  },
  'bundle.created': {
    summary: { en: 'A minion was packed into a bundle', fr: 'Un minion a été mis dans un paquet' },
    title: 'cloud was packed into a bundle: cloud-20261121-030000.bundle.tar.zst',
    minion: 'cloud',
  },
  'bundle.imported': {
    summary: { en: 'A set was taken from a bundle', fr: 'Une sauvegarde a été prise d’un paquet' },
    title: 'cloud-20261121-030000 was taken from a bundle',
    data: { set: 'cloud-20261121-030000', minion: 'cloud' },
  },
  'destination.failed': {
    summary: { en: 'Copies of the backups fail', fr: 'Les copies des sauvegardes échouent' },
    severity: 'error',
    title: 'The copies at offsite fail: the disk is full',
    data: { destination: 'offsite', code: 'disk.full' },
  },
  'destination.recovered': {
    summary: { en: 'Copies of the backups are made again', fr: 'Les copies des sauvegardes reprennent' },
    title: 'The copies at offsite are made again',
    data: { destination: 'offsite' },
  },
  // proxy and certificates
  'proxy.reloaded': {
    summary: { en: 'nginx serves a new configuration', fr: 'nginx sert une nouvelle configuration' },
    title: 'nginx serves 4 hosts',
  },
  'proxy.failed': {
    summary: { en: 'nginx refused a configuration', fr: 'nginx a refusé une configuration' },
    severity: 'error',
    title: 'nginx keeps its last good configuration',
  },
  'certificate.issued': {
    summary: { en: 'A certificate was issued', fr: 'Un certificat a été émis' },
    title: 'cloud.example.org has a certificate until 2026-05-30',
  },
  'certificate.failed': {
    summary: { en: 'A certificate could not be had', fr: 'Un certificat n’a pas pu être obtenu' },
    severity: 'warning',
    title: 'cloud.example.org has no new certificate: its name does not lead here',
  },
  'certificate.expiring': {
    summary: { en: 'A certificate ends soon', fr: 'Un certificat expire bientôt' },
    severity: 'warning',
    title: 'The certificate of cloud.example.org ends at 2026-03-07',
  },
  // the box
  'config.changed': {
    summary: { en: 'config.yml changed', fr: 'config.yml a changé' },
    title: 'config.yml changed',
  },
  'disk.low': {
    summary: { en: 'A disk is nearly full', fr: 'Un disque est presque plein' },
    severity: 'warning',
    title: 'The disk of /srv/data is 91 % full',
    data: { path: '/srv/data', used: 91 },
  },
  'disk.recovered': {
    summary: { en: 'A disk has room again', fr: 'Un disque a de nouveau de la place' },
    title: 'The disk of /srv/data is 70 % full',
    data: { path: '/srv/data', used: 70 },
  },
  'engine.lost': {
    summary: { en: 'The Docker engine does not answer', fr: 'Le moteur Docker ne répond plus' },
    severity: 'error',
    title: 'The Docker engine does not answer',
  },
  'engine.back': {
    summary: { en: 'The Docker engine answers again', fr: 'Le moteur Docker répond de nouveau' },
    title: 'The Docker engine answers again',
  },
  'daemon.started': {
    summary: { en: 'Summoner started', fr: 'Summoner a démarré' },
    title: 'Summoner 0.1.0 started',
  },
  'update.available': {
    summary: { en: 'A newer version may be installed', fr: 'Une version plus récente peut être installée' },
    title: 'cloud may be updated from 34.0.3 to 34.0.4: summoner apply',
    minion: 'cloud',
    data: { from: '34.0.3', to: '34.0.4' },
  },
  'update.installed': {
    summary: { en: 'Summoner itself was updated', fr: 'Summoner lui-même a été mis à jour' },
    title: 'Summoner was updated from 0.1.0 to 0.2.0',
    data: { from: '0.1.0', to: '0.2.0' },
  },
  'database.quarantined': {
    summary: { en: 'The history was damaged and set aside', fr: 'L’historique abîmé a été mis de côté' },
    severity: 'error',
    title: 'The history was damaged and set aside: summoner.db.damaged-2026-03-01',
  },
  // people
  'sign-in.succeeded': {
    summary: { en: 'Somebody signed in', fr: 'Quelqu’un s’est connecté' },
    title: 'mira signed in from 192.0.2.7',
    data: { device: 'Mozilla/5.0 (X11; Linux x86_64)', address: '192.0.2.7' },
  },
  'sign-in.failed': {
    summary: { en: 'A sign-in failed', fr: 'Une connexion a échoué' },
    severity: 'warning',
    title: 'A sign-in as mira failed',
    data: { user: 'mira', tries: 1 },
  },
  'sign-in.locked': {
    summary: {
      en: 'Too many failed sign-ins: an account is locked for a while',
      fr: 'Trop de connexions échouées : un compte est bloqué un moment',
    },
    severity: 'error',
    title: '10 sign-ins as mira failed in a row; nobody can try again for 32 seconds',
    data: { user: 'mira', tries: 10, seconds: 32 },
  },
  // webhooks and recipes
  'source.refused': {
    summary: { en: 'Webhooks of a source are refused', fr: 'Les webhooks d’une source sont refusés' },
    severity: 'warning',
    title: 'Webhooks of gitlab are refused: the signature is wrong',
    data: { source: 'gitlab', reason: 'signature' },
  },
  'delivery.failed': {
    summary: { en: 'A message could not be delivered', fr: 'Un message n’a pas pu être remis' },
    severity: 'error',
    title: 'A message to team was given up after 12 tries',
    data: { channel: 'team' },
  },
  'channel.failing': {
    summary: { en: 'A channel takes no messages', fr: 'Un canal n’accepte plus de messages' },
    severity: 'warning',
    title: 'team takes no messages: it answered 503',
    data: { destination: 'channel:team', error: 'it answered 503' },
  },
  'channel.recovered': {
    summary: { en: 'A channel takes messages again', fr: 'Un canal accepte de nouveau les messages' },
    title: 'team takes messages again',
    data: { destination: 'channel:team' },
  },
  'recipe.failed': {
    summary: { en: 'A recipe failed', fr: 'Une recette a échoué' },
    severity: 'error',
    title: 'The recipe pipeline-failed failed: no channel takes it',
    data: { recipe: 'pipeline-failed' },
  },
  'recipe.stopped': {
    summary: { en: 'A recipe fed itself and was stopped', fr: 'Une recette se relançait : elle est arrêtée' },
    severity: 'error',
    title: 'The recipe echo fed itself and was stopped: it ran 20 times in a minute',
    data: { recipe: 'echo' },
  },
} as const satisfies Record<string, OwnEvent>

export type OwnEventType = keyof typeof OWN_EVENTS

export interface EventTypeLine {
  type: string
  /** `summoner`, or the type of the sources that send it. */
  source: string
  summary: { en: string; fr: string }
  severity: Event['severity']
  sample: Event
}

const SAMPLE_AT = '2026-03-01T12:00:00.000Z'

export function ownEventTypes(): EventTypeLine[] {
  const lines = Object.entries(OWN_EVENTS) as [string, OwnEvent][]
  return lines.map(([type, { summary, severity = 'info', title, minion, data = {} }]) => ({
    type,
    source: 'summoner',
    summary,
    severity,
    sample: {
      id: 1,
      at: SAMPLE_AT,
      type,
      source: 'summoner',
      ...(minion === undefined ? {} : { minion }),
      severity,
      title,
      data,
    },
  }))
}
