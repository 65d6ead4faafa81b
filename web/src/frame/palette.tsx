/** `/` or Ctrl-K: go to a minion or a page, or do a verb. */
import { signal } from '@preact/signals'
import { useEffect, useId, useState } from 'preact/hooks'
import { listTemplates } from '../api/lists.ts'
import { minions } from '../api/live.ts'
import type { TemplateRow } from '../../../server/templates/templates.routes.ts'
import { own, t, type Key } from '../i18n/i18n.ts'
import { categoryIcon, Icon, type IconName } from '../parts/icon.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { power, powersOf } from '../minion/power.ts'
import { go } from '../router/router.tsx'
import { may } from '../session/session.ts'
import { findCommands, type Command } from './find.ts'

const open = signal(false)
export const openPalette = (): void => {
  open.value = true
}

interface Choice extends Command {
  icon: IconName
  run(): void
}

const PAGES: readonly [to: string, key: Key, icon: IconName][] = [
  ['/', 'nav.home', 'home'],
  ['/catalogue', 'nav.catalogue', 'grid'],
  ['/backups', 'nav.backups', 'archive'],
  ['/notifications', 'nav.notifications', 'bell'],
  ['/box', 'box.plan', 'server'],
  ['/box/certificates', 'box.certificates', 'shield'],
  ['/box/hosts', 'box.hosts', 'globe'],
  ['/box/jobs', 'box.jobs', 'list'],
  ['/box/doctor', 'box.doctor', 'check'],
  ['/account', 'account.yours', 'user'],
]

export function Palette() {
  return open.value ? <Opened /> : null
}

function Opened() {
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const [templates, setTemplates] = useState<readonly TemplateRow[]>([])
  const id = useId()
  useEffect(() => {
    listTemplates().then(setTemplates, () => {})
  }, [])
  const close = () => {
    open.value = false
  }
  const found = findCommands(choices(templates), typed)
  const chosen = Math.min(at, Math.max(0, found.length - 1))
  const run = (choice: Choice | undefined) => {
    if (!choice) return
    close()
    choice.run()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt((chosen + 1) % Math.max(1, found.length))
    else if (event.key === 'ArrowUp') setAt((chosen - 1 + found.length) % Math.max(1, found.length))
    else if (event.key === 'Enter') run(found[chosen])
    else return
    event.preventDefault()
  }
  return (
    <Dialog title={t('palette.open')} onClose={close} class="palette" quiet>
      <div>
        <input
          class="input"
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={found[chosen] ? `${id}-${found[chosen].id}` : undefined}
          aria-label={t('palette.open')}
          placeholder={t('palette.placeholder')}
          value={typed}
          autoComplete="off"
          spellcheck={false}
          ref={(element) => element?.focus()}
          onInput={(event) => {
            setTyped(event.currentTarget.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
        <ul role="listbox" id={`${id}-list`} aria-label={t('palette.found')}>
          {found.map((choice, index) => (
            <li
              role="option"
              id={`${id}-${choice.id}`}
              aria-selected={index === chosen}
              onMouseMove={() => setAt(index)}
              onClick={() => run(choice)}
            >
              <Icon name={choice.icon} />
              <span class="cut">{choice.label}</span>
              <span class="faint small">{choice.kind}</span>
            </li>
          ))}
        </ul>
        {found.length === 0 && (
          <p class="faint" style={{ padding: '0 18px 16px' }} role="status">
            {t('palette.none')}
          </p>
        )}
      </div>
    </Dialog>
  )
}

function choices(templates: readonly TemplateRow[]): Choice[] {
  const all = minions.value ?? []
  return [
    ...all.map((minion): Choice => ({
      id: `go-${minion.name}`,
      label: minion.name,
      words: minion.template,
      kind: t('palette.minion'),
      icon: 'package',
      run: () => go(`/minions/${minion.name}`),
    })),
    ...PAGES.map(([to, key, icon]): Choice => ({
      id: `page${to.replaceAll('/', '-')}`,
      label: t(key),
      kind: t('palette.page'),
      icon,
      run: () => go(to),
    })),
    ...all.flatMap((minion) =>
      minion.url
        ? [
            {
              id: `open-${minion.name}`,
              label: t('palette.openSite', { name: minion.name }),
              kind: t('palette.verb'),
              icon: 'external' as const,
              run: () => void window.open(minion.url, '_blank', 'noreferrer'),
            },
          ]
        : [],
    ),
    ...(may('operator')
      ? all.flatMap((minion) =>
          powersOf(minion).map((verb): Choice => ({
            id: `${verb}-${minion.name}`,
            label: t(`palette.${verb}`, { name: minion.name }),
            kind: t('palette.verb'),
            icon: verb === 'start' ? 'play' : verb,
            run: () => void power(minion.name, verb),
          })),
        )
      : []),
    ...(may('operator')
      ? templates
          .filter(({ problem }) => problem === undefined)
          .map((template): Choice => ({
            id: `summon-${template.name}`,
            label: t('palette.summon', { name: template.name }),
            words: own(template.summary),
            kind: t('palette.verb'),
            icon: categoryIcon(template.category),
            run: () => go(`/catalogue/${template.name}`),
          }))
      : []),
  ]
}
