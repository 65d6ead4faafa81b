import { useState } from 'preact/hooks'
import type { NewToken, Token } from '../../../server/accounts/token.ts'
import { useAct, useAsk } from '../api/ask.ts'
import { get, part, post, remove } from '../api/client.ts'
import { t, unit } from '../i18n/i18n.ts'
import { ByHand, Code } from '../parts/copy.tsx'
import { Empty, Loaded } from '../parts/empty.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { When } from '../parts/time.tsx'
import { Table } from '../parts/table.tsx'
import { roleChoices, Roles } from './role-words.tsx'

const DAYS = ['30', '90', '365', ''] as const

export function Tokens() {
  const tokens = useAsk(async () => (await get<{ tokens: Token[] }>('/tokens')).tokens, [])
  const [making, setMaking] = useState(false)
  const [made, setMade] = useState<string | undefined>(undefined)
  const { trouble, act } = useAct()
  return (
    <div class="stack">
      <div class="spread">
        <p class="faint grow">{t('tokens.what')}</p>
        <button type="button" class="button main" onClick={() => setMaking(true)}>
          <Icon name="plus" />
          {t('tokens.make')}
        </button>
      </div>
      {trouble && <TroubleNote trouble={trouble} />}
      {made && (
        <Note tone="ok" role="status">
          <span>{t('tokens.made')}</span>
          <Code text={made} label={t('tokens.token')} />
        </Note>
      )}
      <Loaded asked={tokens}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="key" title={t('tokens.none')}>
              {t('tokens.none.what')}
            </Empty>
          ) : (
            <Table
              label={t('box.tokens')}
              columns={[t('tokens.name'), t('people.role'), t('tokens.expires'), t('tokens.used')]}
              actions
            >
              {all.map((token) => (
                <tr>
                  <td>
                    <div class="strong">{token.name}</div>
                    <div class="small faint">
                      {token.createdBy} · <When at={token.createdAt} />
                    </div>
                  </td>
                  <td>{t(`role.${token.role}`)}</td>
                  <td class="small">{token.expires ? <When at={token.expires} /> : t('never')}</td>
                  <td class="small">{token.lastUsed ? <When at={token.lastUsed} /> : t('never')}</td>
                  <td>
                    <button
                      type="button"
                      class="button small quiet"
                      aria-label={t('tokens.remove', { name: token.name })}
                      onClick={() => void act(() => remove(`/tokens/${part(token.id)}`)).then(tokens.again)}
                    >
                      <Icon name="trash" />
                    </button>
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Loaded>
      <Roles />
      <ByHand command="summoner token create NAME --role viewer" />
      {making && (
        <Make
          onClose={() => setMaking(false)}
          onMade={(token) => {
            setMaking(false)
            setMade(token)
            tokens.again()
          }}
        />
      )}
    </div>
  )
}

function Make({ onClose, onMade }: { onClose(): void; onMade(token: string): void }) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<NewToken['role']>('viewer')
  const [days, setDays] = useState<string>('90')
  const make = async () => {
    const expires = days ? { expires: new Date(Date.now() + Number(days) * 86_400_000).toISOString() } : {}
    onMade((await post<{ token: string }>('/tokens', { name: name.trim(), role, ...expires })).token)
  }
  return (
    <FormDialog
      title={t('tokens.make')}
      does={t('tokens.make')}
      ready={name.trim() !== ''}
      work={make}
      onClose={onClose}
    >
      <TextField
        label={t('tokens.name')}
        help={t('tokens.name.help')}
        value={name}
        onInput={setName}
        autofocus
        maxLength={80}
      />
      <SelectField
        label={t('people.role')}
        help={t(`role.${role}.what`)}
        value={role}
        choices={roleChoices()}
        onChange={(value) => setRole(value as NewToken['role'])}
      />
      <SelectField
        label={t('tokens.expires')}
        value={days}
        onChange={setDays}
        choices={DAYS.map((one) => ({
          value: one,
          label: one === '' ? t('never') : unit(Number(one), 'day'),
        }))}
      />
    </FormDialog>
  )
}
