import t from 'tap'
import { parse } from 'yaml'
import { recipeYaml } from './recipe-yaml.ts'

t.test('what is shown is what is meant', (t) => {
  const recipe = {
    name: 'pipeline-failed',
    on: { type: ['pipeline.failed', 'a.*'], source: 'gitlab' },
    if: [
      { path: 'data.ref', equals: 'main' },
      { path: 'n', compare: { gt: 3 } },
      { path: 'x', equals: 'yes' },
    ],
    do: [
      { post: { channel: 'team', text: '{{ event.title }}: "so" # é\n- x' } },
      { delay: '5m', minion: { restart: 'site' } },
    ],
  }
  t.same(parse(recipeYaml(recipe)), { recipes: [recipe] })
  t.end()
})
