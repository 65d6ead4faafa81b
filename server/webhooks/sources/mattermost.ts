/** Mattermost: outgoing webhooks and slash commands. It makes up the token itself and sends it with every call. */
import { instant, number, text } from './reading.ts'
import { parseForm, parseJson } from './parse-body.ts'
import type { Call, SourceType } from './source.ts'
import { header, same } from './verify.ts'

/** In the body; slash commands name it in a header too. */
function tokenOf({ headers, raw }: Call): string {
  const form = header(headers, 'content-type').startsWith('application/x-www-form-urlencoded')
  const parsed = form ? parseForm(raw) : parseJson(raw)
  return ('body' in parsed && text(parsed.body, 'token')) || ''
}

export const mattermost: SourceType = {
  name: 'mattermost',
  title: 'Mattermost',
  accepts: ['json', 'form'],
  proves: true,
  toolMakesSecret: true,
  verify: (call, secret) => (same(tokenOf(call), secret) ? undefined : 'signature'),
  deliveryId: (_call, body) => text(body, 'post_id') ?? text(body, 'trigger_id'),
  normalise(body) {
    const command = text(body, 'command')
    const trigger = text(body, 'trigger_word')
    const said = text(body, 'text') ?? ''
    const channel = text(body, 'channel_name')
    const actor = { name: text(body, 'user_name'), username: text(body, 'user_name') }
    // the trigger word is part of a message's text, the command is not
    const rest = command === undefined && trigger ? said.slice(trigger.length) : said
    const whole = command === undefined ? said : `${command} ${said}`.trim()
    return {
      type: command === undefined ? 'message.posted' : 'command.called',
      actor,
      title: `${actor.name ?? 'Somebody'} in ${channel ?? 'a channel'}: ${whole}`,
      subject: command ?? channel,
      project: text(body, 'team_domain'),
      time: instant(number(body, 'timestamp')),
      data: {
        text: said.slice(0, 16_384),
        words: rest
          .split(/\s+/)
          .filter((one) => one !== '')
          .slice(0, 50),
        channel,
        channelId: text(body, 'channel_id'),
        team: text(body, 'team_domain'),
        trigger,
        command,
      },
    }
  },
  // who called a command sees the answer
  answer: (body) => ({
    status: 200,
    body: text(body, 'command') === undefined ? {} : { response_type: 'ephemeral', text: '✔' },
  }),
  words: ['message.posted', 'command.called'],
  steps: {
    en: 'Product menu > Integrations > Outgoing Webhooks (or Slash Commands) > Add: the URL as callback (or request) URL. Mattermost then shows a token: store it with `summoner secret set NAME` and name it in the source as `secret: {secret: NAME}`. For a Mattermost on this box add hooks.<domain> to System Console > Environment > Developer > Allow untrusted internal connections.',
    fr: 'Menu Produit > Intégrations > Webhooks sortants (ou Commandes slash) > Ajouter : l’URL comme URL de rappel (ou de requête). Mattermost montre alors un jeton : gardez-le avec `summoner secret set NOM` et nommez-le dans la source : `secret: {secret: NOM}`. Pour un Mattermost de cette machine, ajoutez hooks.<domaine> aux connexions internes non fiables autorisées (Console système > Environnement > Développeur).',
  },
}
