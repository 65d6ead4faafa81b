/** The box as a whole: config.yml, certificates, hosts, jobs, doctor, and who may what. */
import './box.css'
import type { ComponentType } from 'preact'
import { t, type Key } from '../i18n/i18n.ts'
import { Empty } from '../parts/empty.tsx'
import { Only } from '../parts/only.tsx'
import { Tabs } from '../parts/tabs.tsx'
import type { Params } from '../router/match.ts'
import { may } from '../session/session.ts'
import type { Role } from '../../../server/http/roles.ts'
import { Audit } from './audit.tsx'
import { Certificates } from './certificates.tsx'
import { Doctor } from './doctor.tsx'
import { Hosts } from './hosts.tsx'
import { Jobs } from './jobs.tsx'
import { People } from './people.tsx'
import { Plan } from './plan.tsx'
import { Secrets } from './secrets.tsx'
import { Tokens } from './tokens.tsx'

const TABS: readonly { path: string; key: Key; role: Role; View: ComponentType<{ id: string }> }[] = [
  { path: '', key: 'box.plan', role: 'viewer', View: Plan },
  { path: 'certificates', key: 'box.certificates', role: 'viewer', View: Certificates },
  { path: 'hosts', key: 'box.hosts', role: 'viewer', View: Hosts },
  { path: 'jobs', key: 'box.jobs', role: 'viewer', View: Jobs },
  { path: 'doctor', key: 'box.doctor', role: 'viewer', View: Doctor },
  { path: 'people', key: 'box.people', role: 'administrator', View: People },
  { path: 'tokens', key: 'box.tokens', role: 'administrator', View: Tokens },
  { path: 'secrets', key: 'box.secrets', role: 'administrator', View: Secrets },
  { path: 'audit', key: 'box.audit', role: 'administrator', View: Audit },
]

export function Page({ tab = '', id = '' }: Params) {
  const found = TABS.find(({ path }) => path === tab)
  return (
    <>
      <h1>{t('nav.box')}</h1>
      <Tabs
        label={t('nav.box')}
        tabs={TABS.filter(({ role }) => may(role)).map(({ path, key }) => ({
          to: path === '' ? '/box' : `/box/${path}`,
          label: t(key),
        }))}
      />
      {found === undefined ? (
        <Empty icon="search" title={t('nowhere')}>
          {t('nowhere.what')}
        </Empty>
      ) : (
        <Only role={found.role}>
          <found.View id={id} />
        </Only>
      )}
    </>
  )
}
