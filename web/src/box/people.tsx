/** Who may enter. Nobody chooses a password for somebody else: people get a link. */
import { useState } from 'preact/hooks'
import type { Link as OneTimeLink, User } from '../../../server/accounts/user.ts'
import type { Role } from './roles.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, patch, post, remove } from '../api/client.ts'
import { t, time } from '../i18n/i18n.ts'
import { ByHand, Code } from '../parts/copy.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Loaded } from '../parts/empty.tsx'
import { Icon } from '../parts/icon.tsx'
import { Menu } from '../parts/menu.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { When } from '../parts/time.tsx'
import { Table } from '../parts/table.tsx'
import { session } from '../session/session.ts'
import { AddPerson } from './add-person.tsx'
import { roleChoices, Roles } from './role-words.tsx'

export function People() {
  const users = useAsk(async () => (await get<{ users: User[] }>('/users')).users, [])
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<User | undefined>(undefined)
  const [link, setLink] = useState<{ name: string; link: OneTimeLink } | undefined>(undefined)
  const { trouble, act } = useAct()
  const newLink = (name: string, forgetFactors: boolean) =>
    act(async () => {
      const made = await post<OneTimeLink>(`/users/${part(name)}/link`, { forgetFactors })
      setLink({ name, link: made })
    })
  return (
    <div class="stack">
      <div class="spread">
        <p class="faint grow">{t('people.what')}</p>
        <button type="button" class="button main" onClick={() => setAdding(true)}>
          <Icon name="plus" />
          {t('people.add')}
        </button>
      </div>
      {trouble && <TroubleNote trouble={trouble} />}
      {link && (
        <Note tone="ok" role="status">
          <span>{t('people.link', { name: link.name, time: time(link.link.expires) })}</span>
          <Code text={link.link.url} label={t('people.link.label')} />
        </Note>
      )}
      <Loaded asked={users}>
        {(all) => (
          <Table
            label={t('box.people')}
            columns={[t('signIn.name'), t('people.role'), t('people.proofs'), t('people.seen')]}
            actions
          >
            {all.map((user) => (
              <tr>
                <td>
                  <span class="strong">{user.name}</span>
                  {user.name === session.value?.user?.name && (
                    <span class="faint small"> {t('people.you')}</span>
                  )}
                </td>
                <td>
                  <select
                    class="input"
                    style={{ width: 'auto' }}
                    aria-label={t('people.role.of', { name: user.name })}
                    value={user.role}
                    onChange={(event) => {
                      const next = event.currentTarget.value as Role
                      void act(() => patch(`/users/${part(user.name)}`, { role: next })).then(users.again)
                    }}
                  >
                    {roleChoices().map(({ value, label }) => (
                      <option value={value} selected={value === user.role}>
                        {label}
                      </option>
                    ))}
                  </select>
                </td>
                <td class="small">{proofs(user)}</td>
                <td class="small">
                  {user.lastSeen ? <When at={user.lastSeen} /> : <span class="faint">{t('never')}</span>}
                </td>
                <td>
                  <Menu
                    label={t('tile.menu', { name: user.name })}
                    items={[
                      {
                        label: t('people.newLink'),
                        icon: 'key',
                        run: () => void newLink(user.name, false),
                      },
                      {
                        label: t('people.forget'),
                        icon: 'lock',
                        run: () => void newLink(user.name, true),
                      },
                      {
                        label: t('people.signOut'),
                        icon: 'external',
                        run: () =>
                          void act(() => remove(`/users/${part(user.name)}/sessions`)).then(users.again),
                      },
                      {
                        label: t('people.remove'),
                        icon: 'trash',
                        grave: true,
                        run: () => setRemoving(user),
                      },
                    ]}
                  >
                    <Icon name="more" />
                  </Menu>
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Loaded>
      <Roles />
      <ByHand command="summoner user list" />
      {adding && (
        <AddPerson
          onClose={() => setAdding(false)}
          onAdded={(name, made) => {
            setAdding(false)
            setLink({ name, link: made })
            users.again()
          }}
        />
      )}
      {removing && (
        <Dialog
          title={t('people.remove.title', { name: removing.name })}
          onClose={() => setRemoving(undefined)}
        >
          <p>{t('people.remove.what')}</p>
          <div class="row">
            <button
              type="button"
              class="button grave"
              onClick={() => {
                const { name } = removing
                setRemoving(undefined)
                void act(() => remove(`/users/${part(name)}`)).then(users.again)
              }}
            >
              {t('people.remove')}
            </button>
            <button type="button" class="button" onClick={() => setRemoving(undefined)}>
              {t('cancel')}
            </button>
          </div>
        </Dialog>
      )}
    </div>
  )
}

function proofs({ password, totp, passkeys }: User): string {
  if (!password && passkeys === 0) return t('people.invited')
  return [
    password && t('people.password'),
    totp && t('people.totp'),
    passkeys > 0 && t('people.passkeys', { n: passkeys }),
  ]
    .filter(Boolean)
    .join(', ')
}
