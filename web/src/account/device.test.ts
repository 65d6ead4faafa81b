import t from 'tap'
import { deviceText } from './device.ts'

t.test('browsers say who they are in two words', (t) => {
  t.equal(
    deviceText(
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36',
    ),
    'Chrome · Linux',
  )
  t.equal(
    deviceText(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1',
    ),
    'Safari · iPhone',
  )
  t.equal(
    deviceText('Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0'),
    'Edge · Windows',
  )
  t.equal(deviceText('curl/8.14'), 'curl/8.14')
  t.equal(deviceText(''), '?')
  t.end()
})
