/** Somebody new: a name and a role; a link does the rest. */
import { useState } from 'preact/hooks'
import type { Link as OneTimeLink, User } from '../../../server/accounts/user.ts'
import { useAct } from '../api/ask.ts'
import { post } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Dialog } from '../parts/dialog.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { TroubleNote } from '../parts/note.tsx'
import { roleChoices } from './role-words.tsx'
import type { Role } from './roles.ts'

export function AddPerson({
  onClose,
  onAdded,
}: {
  onClose(): void
  onAdded(name: string, link: OneTimeLink): void
}) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const { busy, trouble, act } = useAct()
  const add = async () => {
    const made = await act(() =>
      post<{ user: User; link: OneTimeLink }>('/users', { name: name.trim().toLowerCase(), role }),
    )
    if (made) onAdded(made.user.name, made.link)
  }
  return (
    <Dialog title={t('people.add')} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <TextField
          label={t('signIn.name')}
          help={t('setup.name.help')}
          value={name}
          onInput={setName}
          autofocus
        />
        <SelectField
          label={t('people.role')}
          help={t(`role.${role}.what`)}
          value={role}
          choices={roleChoices()}
          onChange={(value) => setRole(value as Role)}
        />
        {trouble && <TroubleNote trouble={trouble} />}
        <div class="row">
          <button type="submit" class="button main" disabled={busy || name.trim() === ''}>
            {t('people.add.do')}
          </button>
          <button type="button" class="button" onClick={onClose}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
