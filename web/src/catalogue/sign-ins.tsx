/** How people can sign in to a tool with accounts that they have already: what to do in it, in its template's words. */
import type { TemplateDescription } from '../../../server/templates/template.ts'
import { own, t } from '../i18n/i18n.ts'
import { Code } from '../parts/copy.tsx'
import { Rich } from '../parts/rich.tsx'

export type SignIn = NonNullable<TemplateDescription['sso']>[number]

export const signInText = ({ method }: SignIn): string => t(`signin.${method}`)

interface SignInsProps {
  ways: readonly SignIn[]
  /** Where the tool is reached; its redirect address follows from it. */
  url: string | undefined
}
export function SignIns({ ways, url }: SignInsProps) {
  if (ways.length === 0) return null
  return (
    <section class="stack" aria-labelledby="sign-ins">
      <div>
        <h2 id="sign-ins">{t('signins')}</h2>
        <p class="small faint">{t('signins.what')}</p>
      </div>
      <ul class="list">
        {ways.map((way) => (
          <li>
            <div class="grow stack tight">
              <h3>{signInText(way)}</h3>
              <p class="small">
                <Rich text={own(way.setup)} />
              </p>
              {way.callback && url && (
                <>
                  <p class="small faint">{t('signins.callback')}</p>
                  <Code text={`${url}${way.callback}`} label={t('signins.callback')} />
                </>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
