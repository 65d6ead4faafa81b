/** What somebody gets who summons this: its address, its containers, and what it needs against what there is. */
import type { Host } from '../../../server/samples/sample.ts'
import { useAsk } from '../api/ask.ts'
import { get } from '../api/client.ts'
import { useDomain } from '../box/domain.ts'
import { bytes, t } from '../i18n/i18n.ts'
import { categoryText } from './catalogue.tsx'
import type { Detail } from './detail.ts'
import { hostFor } from './inputs.ts'
import { signInText } from './sign-ins.tsx'

const MIB = 1024 * 1024

export function Facts({ detail, subdomain }: { detail: Detail; subdomain: string }) {
  const { description } = detail
  const domain = useDomain()
  const host = useAsk(() => get<Host>('/host'), [])
  return (
    <aside class="card aside stack tight" aria-label={t('summon.facts')}>
      <h2>{t('summon.facts')}</h2>
      <dl class="facts">
        <dt>{t('summon.address')}</dt>
        <dd class="mono small">{domain ? hostFor(subdomain, domain) : subdomain}</dd>
        <dt>{t('summon.category')}</dt>
        <dd>{categoryText(description.category)}</dd>
        <dt>{t('summon.containers')}</dt>
        <dd>{detail.services.join(', ')}</dd>
        {description.sso && (
          <>
            <dt>{t('signins')}</dt>
            <dd>{[...new Set(description.sso.map(signInText))].join(', ')}</dd>
          </>
        )}
        <dt>{t('summon.memory')}</dt>
        <dd class="numbers">
          {bytes(description.resources.memory * MIB)}
          {host.data && <Free need={description.resources.memory * MIB} free={host.data.memory.available} />}
        </dd>
        <dt>{t('summon.disk')}</dt>
        <dd class="numbers">
          {bytes(description.resources.disk * MIB)}
          {host.data && (
            <Free
              need={description.resources.disk * MIB}
              free={Math.min(...host.data.disks.map(({ free }) => free))}
            />
          )}
        </dd>
      </dl>
      {Object.entries(description.links ?? {}).map(([what, href]) => (
        <a href={href} target="_blank" rel="noreferrer" class="small">
          {what === 'docs' ? t('summon.docs') : what === 'home' ? t('summon.site') : what}
        </a>
      ))}
    </aside>
  )
}

/** What it needs against what there is. */
function Free({ need, free }: { need: number; free: number }) {
  const tight = need > free
  return (
    <div class={`small ${tight ? 'tone-warn strong' : 'faint'}`}>
      {tight ? t('summon.tight', { size: bytes(free) }) : t('host.free', { size: bytes(free) })}
    </div>
  )
}
