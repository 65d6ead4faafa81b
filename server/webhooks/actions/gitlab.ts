import { judged, objectOf, request, textIn, type Action } from './action.ts'

const DESCRIPTION = 1_000_000
const TITLE = 255

/** An issue in a project of GitLab. Its id is in the description's last line: a repeat can be told. */
export const gitlab: Action = {
  rate: { perSecond: 2, burst: 5 },
  joins: false,
  parts: (call, target, about) => {
    if (call.action !== 'issue') return []
    const base = textIn(target, 'url').replace(/\/+$/u, '')
    return [
      request(
        {
          method: 'POST',
          url: `${base}/api/v4/projects/${encodeURIComponent(textIn(target, 'project'))}/issues`,
          headers: { 'private-token': textIn(target, 'token') },
          body: JSON.stringify({
            title: call.title.slice(0, TITLE),
            description: `${call.text.slice(0, DESCRIPTION)}\n\n<!-- ${about.id} -->`,
            ...(call.labels.length === 0 ? {} : { labels: call.labels.join(',') }),
          }),
        },
        about,
        (reply, now) => {
          const outcome = judged(reply, now)
          if (!outcome.ok) return outcome
          const { iid, web_url: url } = objectOf(reply.body)
          return { ...outcome, value: { number: iid, url } }
        },
      ),
    ]
  },
}
