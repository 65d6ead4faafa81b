/** Somebody new: a name and a role; a link does the rest. */
import { useState } from 'preact/hooks'
import type { Link as OneTimeLink, User } from '../../../server/accounts/user.ts'
import { post } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { SelectField, TextField } from '../parts/field.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
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
  const add = async () => {
    const { user, link } = await post<{ user: User; link: OneTimeLink }>('/users', {
      name: name.trim().toLowerCase(),
      role,
    })
    onAdded(user.name, link)
  }
  return (
    <FormDialog
      title={t('people.add')}
      does={t('people.add.do')}
      ready={name.trim() !== ''}
      work={add}
      onClose={onClose}
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
    </FormDialog>
  )
}
