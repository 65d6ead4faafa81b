import t from 'tap'
import { crypt, hashPassword } from './hash-password.ts'

t.test('what `openssl passwd -6` makes of it', async (t) => {
  const table: [password: string, salt: string, hash: string][] = [
    [
      'Hello world!',
      'saltstring',
      '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
    ],
    [
      'é☃ pass',
      'aaaaaaaaaaaaaaaa',
      '$6$aaaaaaaaaaaaaaaa$bF8ldMPUSIBz0obx8pEG9EVI.W1A1zdLGqnXkVwrcRl.q8HFza5C5kPw97Ymj8gConMhRHS9GP9aZLg8QiFzI1',
    ],
    [
      'x'.repeat(130),
      's',
      '$6$s$tOjJl6auzoYvteWh4UtQUwRJ0mLdkkfQw7rafNmZfBn7gCbYTKPb.p2qr7/Fx6dkdkrPHxLfiGSaurjH/7eeF/',
    ],
  ]
  for (const [password, salt, hash] of table) t.equal(crypt(Buffer.from(password), salt), hash, password)
})

t.test('the same wish is the same bytes, elsewhere it is another hash', async (t) => {
  const hash = hashPassword('correct horse', 'ann@a.test')
  t.match(hash, /^\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/)
  t.equal(hashPassword('correct horse', 'ann@a.test'), hash)
  t.not(hashPassword('correct horse', 'ann@b.test'), hash)
  t.not(hashPassword('wrong horse', 'ann@a.test'), hash)
})
