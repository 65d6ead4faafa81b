// Rewrites OLD_URL to NEW_URL in every text of the database. Ghost keeps its own address out of posts (__GHOST_URL__),
// so this finds what people typed or pasted: navigation, code injection, HTML cards. A second run finds nothing.
import { createRequire } from 'node:module'

const { OLD_URL, NEW_URL, database__connection__host: host, database__connection__port: port } = process.env
const from = new URL(OLD_URL)
const to = new URL(NEW_URL)
const mysql = createRequire('/var/lib/ghost/current/package.json')('mysql2/promise')
const TEXT = ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext']
/** Sign-ins end with the old address; what was sent and done stays as it was. */
const LEFT_ALONE = new Set([
  'sessions',
  'actions',
  'migrations',
  'migrations_lock',
  'email_batches',
  'email_recipients',
])

/** Plain, JSON-escaped and URL-encoded spellings, with either scheme or none; never the start of a longer host. */
const authority = from.host.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
const address = new RegExp(
  `(?:(https?)(:|%3A))?(//|\\\\/\\\\/|%2F%2F)${authority}(?![a-z0-9-]|\\.[a-z0-9]|:\\d|%3A\\d)`,
  'gi',
)
const rewritten = (text) =>
  text.replaceAll(address, (_all, scheme, colon, slashes) => {
    const next = slashes.startsWith('%') ? encodeURIComponent(to.host) : to.host
    return `${scheme ? to.protocol.slice(0, -1) + colon : ''}${slashes}${next}`
  })

const database = process.env.database__connection__database
const db = await mysql.createConnection({
  host,
  port: Number(port ?? 3306),
  user: process.env.database__connection__user,
  password: process.env.database__connection__password,
  database,
  charset: 'utf8mb4',
})
const name = (identifier) => `\`${identifier.replaceAll('`', '``')}\``
let changed = 0
try {
  const [columns] = await db.query(
    `SELECT TABLE_NAME t, COLUMN_NAME c FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA = ? AND DATA_TYPE IN (?) ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    [database, TEXT],
  )
  const like = `%${from.hostname.replaceAll(/[%_\\]/g, '\\$&')}%`
  for (const { t: table, c: column } of columns) {
    if (LEFT_ALONE.has(table) || column === 'id') continue
    const [rows] = await db
      .query(`SELECT id, ${name(column)} v FROM ${name(table)} WHERE ${name(column)} LIKE ?`, [like])
      .catch((error) => (error.code === 'ER_BAD_FIELD_ERROR' ? [[]] : Promise.reject(error)))
    for (const { id, v } of rows) {
      const next = rewritten(v)
      if (next === v) continue
      // What somebody changed meanwhile is not overwritten; the next run finds it.
      const [result] = await db.query(
        `UPDATE ${name(table)} SET ${name(column)} = ? WHERE id = ? AND ${name(column)} = ?`,
        [next, id, v],
      )
      changed += result.affectedRows
    }
  }
} finally {
  await db.end()
}
console.log(`rename: ${changed} texts rewritten from ${OLD_URL} to ${NEW_URL}.`)
