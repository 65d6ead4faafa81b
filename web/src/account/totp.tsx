import { useEffect, useRef, useState } from 'preact/hooks'
import type { User } from '../../../server/accounts/user.ts'
import { useAct } from '../api/ask.ts'
import { post, remove } from '../api/client.ts'
import { t } from '../i18n/i18n.ts'
import { Code, Copy } from '../parts/copy.tsx'
import { TextField } from '../parts/field.tsx'
import { Note, TroubleNote } from '../parts/note.tsx'
import { notify } from '../parts/notices.tsx'

/** Codes of an authenticator application, and the recovery codes that stand in for it. */
export function Totp({ user, onChanged }: { user: User; onChanged(): void }) {
  const [offer, setOffer] = useState<{ secret: string; uri: string } | undefined>(undefined)
  const [code, setCode] = useState('')
  const [codes, setCodes] = useState<string[] | undefined>(undefined)
  const { busy, trouble, act } = useAct()
  const begin = () => act(async () => setOffer(await post<{ secret: string; uri: string }>('/account/totp')))
  const confirm = () =>
    act(async () => {
      const { recoveryCodes } = await post<{ recoveryCodes: string[] }>('/account/totp/confirm', {
        code: code.trim(),
      })
      setCodes(recoveryCodes)
      setOffer(undefined)
      setCode('')
      onChanged()
    })
  const renew = () =>
    act(async () =>
      setCodes((await post<{ recoveryCodes: string[] }>('/account/recovery-codes')).recoveryCodes),
    )
  const off = () =>
    act(async () => {
      await remove('/account/totp')
      setCodes(undefined)
      notify('ok', t('totp.removed'))
      onChanged()
    })
  return (
    <section class="stack" aria-labelledby="totp">
      <h2 id="totp">{t('totp')}</h2>
      <p class="faint">{user.totp ? t('totp.on', { n: user.recoveryCodes }) : t('totp.what')}</p>
      {trouble && <TroubleNote trouble={trouble} />}
      {codes && (
        <Note tone="ok" role="status">
          <strong>{t('totp.codes')}</strong>
          <span>{t('totp.codes.what')}</span>
          <Code text={codes.join('\n')} label={t('totp.codes')} />
        </Note>
      )}
      {offer ? (
        <form
          class="stack"
          style={{ maxWidth: '420px' }}
          onSubmit={(event) => {
            event.preventDefault()
            void confirm()
          }}
        >
          <p>{t('totp.scan')}</p>
          <QrCode text={offer.uri} />
          <div class="row">
            <code>{offer.secret.match(/.{1,4}/g)?.join(' ')}</code>
            <Copy text={offer.secret} />
          </div>
          <TextField
            label={t('totp.first')}
            value={code}
            onInput={setCode}
            autocomplete="one-time-code"
            inputMode="numeric"
            mono
          />
          <div class="row">
            <button type="submit" class="button main" disabled={busy || code.trim().length < 6}>
              {t('totp.confirm')}
            </button>
            <button type="button" class="button" onClick={() => setOffer(undefined)}>
              {t('cancel')}
            </button>
          </div>
        </form>
      ) : (
        <div class="row">
          {user.totp ? (
            <>
              <button type="button" class="button" disabled={busy} onClick={() => void renew()}>
                {t('totp.renew')}
              </button>
              <button type="button" class="button grave" disabled={busy} onClick={() => void off()}>
                {t('totp.off')}
              </button>
            </>
          ) : (
            <button type="button" class="button" disabled={busy} onClick={() => void begin()}>
              {t('totp.begin')}
            </button>
          )}
        </div>
      )}
    </section>
  )
}

/** Black on white in both themes: cameras want it so. */
function QrCode({ text }: { text: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    void import('uqr').then(({ encode }) => {
      const { data, size } = encode(text, { border: 3 })
      const context = canvas.current?.getContext('2d')
      if (!canvas.current || !context) return
      canvas.current.width = canvas.current.height = size * 5
      context.fillStyle = '#fff'
      context.fillRect(0, 0, size * 5, size * 5)
      context.fillStyle = '#000'
      for (const [y, row] of data.entries())
        for (const [x, dark] of row.entries()) if (dark) context.fillRect(x * 5, y * 5, 5, 5)
    })
  }, [text])
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={t('totp.qr')}
      style={{ width: '220px', height: '220px', borderRadius: '10px' }}
    />
  )
}
