import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { Rich } from './rich.tsx'

interface FieldProps {
  label: string
  help?: string | undefined
  wrong?: string | undefined
  optional?: string | undefined
  children(ids: {
    id: string
    'aria-describedby': string | undefined
    'aria-invalid': boolean
  }): ComponentChildren
}

/** Label, help, and what is wrong, tied to the control for those who hear the page. */
export function Field({ label, help, wrong, optional, children }: FieldProps) {
  const id = useId()
  const described = [help && `${id}-help`, wrong && `${id}-wrong`].filter(Boolean).join(' ')
  return (
    <div class="field">
      <label for={id}>
        {label} {optional && <span class="faint small">{optional}</span>}
      </label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': wrong !== undefined })}
      {help && (
        <p class="help" id={`${id}-help`}>
          <Rich text={help} />
        </p>
      )}
      <p class="wrong" id={`${id}-wrong`} role={wrong ? 'alert' : undefined} hidden={!wrong}>
        {wrong}
      </p>
    </div>
  )
}

interface TextFieldProps {
  label: string
  value: string
  onInput(value: string): void
  onBlur?(): void
  help?: string | undefined
  wrong?: string | undefined
  optional?: string | undefined
  type?: 'text' | 'password'
  placeholder?: string | undefined
  autocomplete?: string
  disabled?: boolean
  mono?: boolean
  after?: ComponentChildren
  inputMode?: 'numeric' | 'text' | 'email' | 'url'
  name?: string
  autofocus?: boolean
  maxLength?: number
}
export function TextField(props: TextFieldProps) {
  const {
    label,
    value,
    onInput,
    onBlur,
    help,
    wrong,
    optional,
    type = 'text',
    placeholder,
    after,
    mono,
  } = props
  return (
    <Field label={label} help={help} wrong={wrong} optional={optional}>
      {(ids) => {
        const input = (
          <input
            {...ids}
            class={`input ${mono ? 'mono' : ''}`}
            {...({ type } as { type: 'text' })}
            value={value}
            name={props.name}
            placeholder={placeholder}
            autoComplete={props.autocomplete ?? 'off'}
            autoCapitalize="none"
            spellcheck={false}
            disabled={props.disabled}
            inputMode={props.inputMode}
            maxLength={props.maxLength}
            ref={(element) => {
              if (props.autofocus && element && element.dataset['met'] === undefined) {
                element.dataset['met'] = ''
                element.focus()
              }
            }}
            onInput={(event) => onInput(event.currentTarget.value)}
            onBlur={onBlur}
          />
        )
        return after ? (
          <div class="with-button">
            {input}
            {after}
          </div>
        ) : (
          input
        )
      }}
    </Field>
  )
}

interface SelectFieldProps {
  label: string
  value: string
  choices: readonly { value: string; label: string }[]
  onChange(value: string): void
  help?: string | undefined
  wrong?: string | undefined
  disabled?: boolean
}
export function SelectField({ label, value, choices, onChange, help, wrong, disabled }: SelectFieldProps) {
  return (
    <Field label={label} help={help} wrong={wrong}>
      {(ids) => (
        <select
          {...ids}
          class="input"
          value={value}
          disabled={disabled}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {choices.map((choice) => (
            <option value={choice.value} selected={choice.value === value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

interface CheckFieldProps {
  label: ComponentChildren
  checked: boolean
  onChange(checked: boolean): void
  disabled?: boolean
}
export function CheckField({ label, checked, onChange, disabled }: CheckFieldProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  )
}
