import t from 'tap'
import { linesChanged, ownDefiner, sameInEveryDump } from './line-edits.ts'

async function changed(pieces: string[], change: (begin: string) => string): Promise<string> {
  const out: Buffer[] = []
  const source = (async function* () {
    for (const piece of pieces) yield Buffer.from(piece)
  })()
  for await (const chunk of linesChanged(source, change)) out.push(chunk)
  return Buffer.concat(out).toString()
}

t.test('only the beginnings of lines are seen, wherever the pieces are cut', async (t) => {
  const long = `INSERT ${'é'.repeat(5000)} CREATE DEFINER=\`a\`@\`%\`\n`
  const text = `one\n${long}\ntwo\nno end`
  for (const size of [1, 2, 7, 511, 512, 513, 100_000]) {
    const bytes = Buffer.from(text)
    const pieces: Buffer[] = []
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
    const source = (async function* () {
      yield* pieces
    })()
    const out: Buffer[] = []
    for await (const chunk of linesChanged(source, ownDefiner)) out.push(chunk)
    t.ok(Buffer.concat(out).equals(bytes), `pieces of ${size}`)
  }
  t.equal(await changed(['a\nb', 'b\n\nc'], (begin) => `>${begin}`), '>a\n>bb\n>\n>c')
})

t.test('definers become whoever restores', async (t) => {
  const cases: [string, string][] = [
    [
      '/*!50013 DEFINER=`wordpress`@`%` SQL SECURITY DEFINER */\n',
      '/*!50013 DEFINER=CURRENT_USER SQL SECURITY DEFINER */\n',
    ],
    [
      '/*!50003 CREATE*/ /*!50017 DEFINER=`o``dd`@`10.%`*/ /*!50003 TRIGGER x\n',
      '/*!50003 CREATE*/ /*!50017 DEFINER=CURRENT_USER*/ /*!50003 TRIGGER x\n',
    ],
    ['CREATE DEFINER=`root`@`localhost` PROCEDURE `p`()\n', 'CREATE DEFINER=CURRENT_USER PROCEDURE `p`()\n'],
    [
      '/*!50106 CREATE*/ /*!50117 DEFINER=`root`@`%`*/ /*!50106 EVENT `e`\n',
      '/*!50106 CREATE*/ /*!50117 DEFINER=CURRENT_USER*/ /*!50106 EVENT `e`\n',
    ],
    [
      "INSERT INTO `t` VALUES ('CREATE DEFINER=`a`@`%`');\n",
      "INSERT INTO `t` VALUES ('CREATE DEFINER=`a`@`%`');\n",
    ],
  ]
  for (const [before, after] of cases) t.equal(await changed([before], ownDefiner), after)
})

t.test('two dumps of the same data are the same but for their comments', async (t) => {
  const dump = (when: string, user: string, row: string) => [
    `-- Dump completed on ${when}\n/*M!999999\\- enable the sandbox mode */\n\\restrict ${when}\n`,
    `CREATE DEFINER=\`${user}\`@\`%\` PROCEDURE x\nINSERT INTO t VALUES (${row});\n`,
  ]
  const told = (pieces: string[]) => changed(pieces, sameInEveryDump)
  t.equal(await told(dump('monday', 'a', '1')), await told(dump('tuesday', 'b', '1')))
  t.not(await told(dump('monday', 'a', '1')), await told(dump('monday', 'a', '2')))
})
