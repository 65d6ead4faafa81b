/** One input of a template as a control. */
import { useState } from 'preact/hooks'
import type { TemplateInput } from '../../../server/templates/template.ts'
import { own, t } from '../i18n/i18n.ts'
import { CheckField, Field, SelectField, TextField } from '../parts/field.tsx'
import { ownDefault, wrongWith } from './inputs.ts'

interface InputFieldProps {
  input: TemplateInput
  value: string | undefined
  onInput(value: string): void
  /** After the first summon. */
  locked?: boolean
  /** Show what is wrong although nobody left the field yet. */
  strict?: boolean
}

export function InputField({ input, value, onInput, locked = false, strict = false }: InputFieldProps) {
  const [left, setLeft] = useState(false)
  const [shown, setShown] = useState(false)
  const label = own(input.label)
  const shownValue = value ?? ownDefault(input) ?? ''
  const problem = wrongWith(input, shownValue)
  const wrong = problem && (left || strict) ? t(`wrong.${problem}`) : undefined
  const help = [own(input.help), locked && t('input.locked')].filter(Boolean).join(' ')
  const common = { label, help: help || undefined, wrong, disabled: locked }
  if (input.type === 'boolean')
    return (
      <div class="field">
        <CheckField
          label={<span class="strong">{label}</span>}
          checked={shownValue === 'true'}
          disabled={locked}
          onChange={(checked) => onInput(String(checked))}
        />
        {help && <p class="help">{help}</p>}
      </div>
    )
  if (input.type === 'choice')
    return (
      <SelectField
        {...common}
        value={shownValue}
        choices={(input.choices ?? []).map((choice) => ({ value: choice, label: choice || t('input.none') }))}
        onChange={onInput}
      />
    )
  if (input.type === 'text')
    return (
      <Field label={label} help={help || undefined} wrong={wrong}>
        {(ids) => (
          <textarea
            {...ids}
            class="input"
            rows={4}
            disabled={locked}
            value={shownValue}
            onInput={(event) => onInput(event.currentTarget.value)}
            onBlur={() => setLeft(true)}
          />
        )}
      </Field>
    )
  const secret = input.type === 'password' || (input.secret ?? false)
  const byBox = input.default !== undefined && ownDefault(input) === undefined
  return (
    <TextField
      {...common}
      optional={input.required && !byBox ? undefined : t('optional')}
      type={secret && !shown ? 'password' : 'text'}
      inputMode={
        input.type === 'integer'
          ? 'numeric'
          : input.type === 'email'
            ? 'email'
            : input.type === 'url'
              ? 'url'
              : 'text'
      }
      autocomplete={secret ? 'new-password' : 'off'}
      placeholder={input.generate ? t('input.generated') : byBox ? t('input.byBox') : undefined}
      value={shownValue}
      onInput={onInput}
      onBlur={() => setLeft(true)}
      after={
        secret && shownValue !== '' ? (
          <button type="button" class="button" aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? t('hide') : t('show')}
          </button>
        ) : undefined
      }
    />
  )
}
